# Build it with `docker build -t cartera .`; how to run it stands at the end.

FROM python:3.13-slim AS builder
WORKDIR /build
# For mypyc, which makes the core machine code, so that a route costs less CPU (docs/performance.md).
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
# Copied, not linked: the cache stays behind in this layer. Compiled: the final user cannot write bytecode.
ENV UV_LINK_MODE=copy \
    UV_COMPILE_BYTECODE=1
# The dependencies alone first: this layer is built again only when the lock changes.
COPY pyproject.toml uv.lock ./
COPY scripts/uv scripts/wheel scripts/
RUN python -m venv --without-pip /opt/cartera \
    && scripts/uv export --quiet --locked --no-emit-project --no-dev --extra otel --extra admin \
        --output-file /tmp/requirements.txt \
    && scripts/uv pip sync --require-hashes --python /opt/cartera/bin/python /tmp/requirements.txt
COPY . .
RUN HATCH_BUILD_HOOK_ENABLE_MYPYC=1 scripts/wheel /opt/cartera /tmp/distributions --no-dev --extra otel --extra admin

FROM python:3.13-slim
RUN groupadd --system --gid 7733 cartera \
    && useradd --system --uid 7733 --gid cartera --home-dir /var/lib/cartera --create-home cartera
COPY --from=builder /opt/cartera /opt/cartera
ENV PATH=/opt/cartera/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    CARTERA_DATABASE_URL=sqlite:////var/lib/cartera/cartera.db \
    CARTERA_HEALTH_LISTEN=127.0.0.1:7734
# By number, so that a cluster can see that it isn't root.
USER 7733
WORKDIR /var/lib/cartera
# SQLite lives here. With PostgreSQL (CARTERA_DATABASE_URL=postgresql://...) nothing is kept in the container.
VOLUME /var/lib/cartera
EXPOSE 7733
# At the port of its own for health, which needs neither a certificate nor a token. Not often: to start a program costs
# more than what it asks.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --start-interval=2s \
    CMD ["cartera", "health", "--address", "127.0.0.1:7734"]
# What changes with each build is given: docker build --build-arg VERSION=0.1.0 --build-arg REVISION=$(git rev-parse HEAD)
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.title="Cartera" \
      org.opencontainers.image.description="Contact-centre routing over gRPC" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENTRYPOINT ["cartera"]
# Beyond loopback the service starts only with TLS and authentication; without them it says so and exits.
# To try it out on a network of your own, without either, give the command in so many words:
#     docker run -p 127.0.0.1:7733:7733 cartera serve --listen 0.0.0.0:7733 --insecure
CMD ["serve", "--listen", "0.0.0.0:7733"]
