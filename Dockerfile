# The service: docker build -t rtengine . ; see docs/service.md
FROM python:3.13-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY rtengine rtengine
COPY offline offline
COPY ui ui
COPY benchmarks benchmarks
RUN python -m venv /opt/rtengine && /opt/rtengine/bin/pip install --no-cache-dir ".[serve]"

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data --create-home rtengine && mkdir /cache && chown rtengine /cache
COPY --from=build /opt/rtengine /opt/rtengine
USER 10001
ENV RTENGINE_CACHE=/cache PYTHONUNBUFFERED=1
# compiled here, for the processors that this one is like; another compiles its own at the first start
RUN /opt/rtengine/bin/python -m rtengine prepare --channels 1,2
VOLUME /data
EXPOSE 8770
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s CMD ["/opt/rtengine/bin/python", "-c", \
    "from urllib.request import urlopen; urlopen('http://127.0.0.1:8770/health', timeout=4)"]
ENTRYPOINT ["/opt/rtengine/bin/python", "-m", "offline", "serve", "--host", "0.0.0.0", "--folder", "/data"]
