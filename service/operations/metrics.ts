import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { SetupState } from "../database/schema.js";

/** What `/metrics` shows, in Prometheus's text format. */
export interface Metrics {
	readonly registry: Registry;
	request(method: string, route: string, status: number, milliseconds: number): void;
	upstreamCall(operation: string, outcome: string, milliseconds: number): void;
	identityVanished(): void;
}

/** @param countSetups is asked whenever the metrics are read. */
export function createMetrics(countSetups: () => Promise<Map<SetupState, number>>): Metrics {
	const registry = new Registry();
	const registers = [registry];
	collectDefaultMetrics({ register: registry });
	const requests = new Histogram({
		name: "channels_api_request_seconds",
		help: "How long requests took, by route and status.",
		labelNames: ["method", "route", "status"],
		buckets: [0.01, 0.05, 0.25, 1, 5, 20],
		registers,
	});
	const calls = new Histogram({
		name: "channels_api_ses_call_seconds",
		help: "How long calls of SES took, by operation and outcome (ok, or the error's name).",
		labelNames: ["operation", "outcome"],
		buckets: [0.05, 0.25, 1, 5, 20],
		registers,
	});
	const vanished = new Counter({
		name: "channels_api_identity_vanished_total",
		help: "Live checks that found a setup's identity gone from SES, or with other DKIM keys.",
		registers,
	});
	new Gauge({
		name: "channels_api_setups",
		help: "Setups by state. Any but active for long means that SES or the database is in trouble.",
		labelNames: ["state"],
		registers,
		async collect() {
			this.reset();
			for (const state of ["creating", "active", "deleting", "undoing"] as const) this.set({ state }, 0);
			try {
				for (const [state, count] of await countSetups()) this.set({ state }, count);
			} catch {
				// While the database is away the other metrics are wanted all the more.
				this.reset();
			}
		},
	});
	return {
		registry,
		request: (method, route, status, milliseconds) =>
			requests.observe({ method, route, status: String(status) }, milliseconds / 1000),
		upstreamCall: (operation, outcome, milliseconds) =>
			calls.observe({ operation, outcome }, milliseconds / 1000),
		identityVanished: () => vanished.inc(),
	};
}
