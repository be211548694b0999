# One image for all Airflow services of docker-compose.yml. Nothing secret is needed to build it.
FROM python:3.11.14-slim-bookworm AS packages

ENV VIRTUAL_ENV=/opt/venv UV_COMPILE_BYTECODE=1 UV_NO_CACHE=1 UV_LINK_MODE=copy
WORKDIR /build
COPY requirements-uv.txt requirements.txt ./
# The first line brings uv itself by its hash; uv then makes the environment exactly what requirements.txt says.
RUN python -m venv "$VIRTUAL_ENV" \
    && "$VIRTUAL_ENV/bin/python" -m pip install --quiet --no-cache-dir --require-hashes -r requirements-uv.txt \
    && "$VIRTUAL_ENV/bin/uv" pip sync --quiet --require-hashes requirements.txt


FROM python:3.11.14-slim-bookworm

# HOME is the temporary folder because the root file system is read-only in docker-compose.yml.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/opt/tegak \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    AIRFLOW_HOME=/run/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/tegak/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/tegak/include/airflow_plugin \
    AIRFLOW__LOGGING__BASE_LOG_FOLDER=/var/log/airflow \
    TEGAK_DATA=/data

COPY --from=packages /opt/venv /opt/venv
WORKDIR /opt/tegak
COPY dags dags
COPY expectations expectations
COPY include include
COPY dbt_project dbt_project
# The code belongs to root and is compiled once: the user below can read it but not change it. What that user
# writes is writable for group 0, so that any user id of the host may be taken.
RUN python -m compileall -q dags expectations include \
    && install -d -m 2775 -g 0 /run/airflow /var/log/airflow /data

USER 1000:0
CMD ["airflow", "version"]
