import type { FastifyRequest } from "fastify";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { ModelVersion } from "../history/index.js";
import { type EngineObserver, LOT, type ThreadEngine } from "./engine.js";

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What Prometheus reads. Its names are a promise. */
export class Metrics implements EngineObserver {
  readonly registry = new Registry();
  readonly #requests = new Counter({
    name: "cladmop_http_requests_total",
    help: "Requests by route and status",
    labelNames: ["method", "route", "status"],
    registers: [this.registry],
  });
  readonly #seconds = new Histogram({
    name: "cladmop_http_request_seconds",
    help: "From a request's head to its answer's end, by route",
    labelNames: ["method", "route"],
    buckets: SECONDS,
    registers: [this.registry],
  });
  readonly #lots = new Histogram({
    name: "cladmop_lot_trials",
    help: "Trials that were predicted together",
    buckets: Array.from({ length: LOT }, (_, i) => i + 1),
    registers: [this.registry],
  });
  readonly #lost = new Counter({
    name: "cladmop_engine_threads_lost_total",
    help: "Engine threads that ended and were replaced",
    registers: [this.registry],
  });
  readonly #predictions = new Counter({
    name: "cladmop_predictions_total",
    help: "Trials that were predicted and answered",
    registers: [this.registry],
  });

  constructor(private readonly heard: (reason: string) => void = () => {}) {
    // Event loop lag, memory, garbage collection.
    collectDefaultMetrics({ register: this.registry });
  }

  /** What is known only when it is asked for. */
  watch(engine: ThreadEngine, { name, sha256 }: ModelVersion): void {
    const { registry } = this;
    new Gauge({
      name: "cladmop_waiting",
      help: "Trials and explanations that wait",
      labelNames: ["what"],
      registers: [registry],
      collect() {
        const { predictions, explanations } = engine.waiting;
        this.set({ what: "predictions" }, predictions);
        this.set({ what: "explanations" }, explanations);
      },
    });
    new Gauge({
      name: "cladmop_ready",
      help: "1 if the model is loaded",
      registers: [registry],
      collect() {
        this.set(engine.state.status === "ready" ? 1 : 0);
      },
    });
    new Gauge({
      name: "cladmop_model_info",
      help: "The model that is served",
      labelNames: ["name", "sha256"],
      registers: [registry],
    }).set({ name, sha256 }, 1);
  }

  lot(trials: number): void {
    this.#lots.observe(trials);
  }

  lost(reason: string): void {
    this.#lost.inc();
    this.heard(reason);
  }

  predicted(trials: number): void {
    this.#predictions.inc(trials);
  }

  /** @param route its pattern: what was asked for may tell of a trial */
  request(method: string, route: string, status: number, seconds: number): void {
    this.#requests.inc({ method, route, status: String(status) });
    this.#seconds.observe({ method, route }, seconds);
  }
}

/** The pattern of a request's route. */
export const routeOf = (request: FastifyRequest): string => request.routeOptions.url ?? "unknown";
