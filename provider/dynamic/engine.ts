import { createRequire } from "node:module";
import { connect } from "node:net";
import type { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { shown, type Words } from "../../dns/shown.js";
import type { Clock } from "../core/clock.js";
import type { Progress } from "../core/world.js";

type Stubs = {
	EngineClient: typeof EngineClient;
	LogRequest: typeof LogRequest;
	LogSeverity: { INFO: 1; WARNING: 2 };
	insecure: () => ConstructorParameters<typeof EngineClient>[1];
};

/**
 * Shows lines in the rows of resources, over the engine's own log call. Pulumi gives a dynamic provider no
 * logger; the engine's address is the last argument of its process.
 *
 * Nothing here ever fails an operation: without an engine, nothing is shown.
 */
export class EngineLog {
	#connection: { client: EngineClient; stubs: Stubs } | undefined | "none";

	/** @param launcher Path of the running provider's script: its own copies of gRPC and the stubs are used. */
	constructor(
		private readonly address: string | undefined,
		private readonly launcher: string | undefined,
	) {}

	progress(urn: unknown): Progress & { note(text: string): void } {
		let last = "";
		return {
			show: (line) => {
				if (line === last) return;
				last = line;
				this.#log("INFO", line, urn, true);
			},
			warn: (text) => this.#log("WARNING", text, urn, false),
			note: (text) => this.#log("INFO", text, urn, false),
		};
	}

	#log(severity: "INFO" | "WARNING", message: Words, urn: unknown, ephemeral: boolean): void {
		if (this.#connection === undefined) this.#connection = this.#connect() ?? "none";
		if (this.#connection === "none") return;
		const { client, stubs } = this.#connection;
		const request = new stubs.LogRequest();
		request.setSeverity(stubs.LogSeverity[severity]);
		request.setMessage(shown(message));
		// Without a URN the line stands with the stack.
		if (typeof urn === "string") request.setUrn(urn);
		request.setEphemeral(ephemeral);
		client.log(request, () => {});
	}

	#connect() {
		if (!this.address || !this.launcher) return undefined;
		try {
			const load = createRequire(this.launcher);
			const { EngineClient } = load("@pulumi/pulumi/proto/engine_grpc_pb") as Pick<Stubs, "EngineClient">;
			const { LogRequest, LogSeverity } = load("@pulumi/pulumi/proto/engine_pb") as Omit<
				Stubs,
				"EngineClient"
			>;
			const { credentials } = load("@grpc/grpc-js") as { credentials: { createInsecure: Stubs["insecure"] } };
			const insecure = credentials.createInsecure;
			return {
				// The engine is on this machine: gRPC would go there through `https_proxy` otherwise.
				client: new EngineClient(this.address, insecure(), { "grpc.enable_http_proxy": 0 }),
				stubs: { EngineClient, LogRequest, LogSeverity, insecure },
			};
		} catch {
			return undefined;
		}
	}
}

const engineCheckMs = 400;
/** A single connection may fail where much is going on: full backlogs, no free ports. */
const missesInARow = 3;
const recheckMs = 200;

/**
 * Calls back once the engine no longer answers at its address, several times in a row: after a `kill -9` of the
 * CLI this process lives on, and nothing else would end its work.
 */
export async function watchEngine(
	address: string,
	clock: Clock,
	signal: AbortSignal,
	gone: () => void,
): Promise<void> {
	do await clock.sleep(engineCheckMs, signal);
	while (!(await isGone(address, clock, signal)));
	gone();
}

/** Whether the engine does not answer, several times in a row. */
export async function isGone(address: string, clock: Clock, signal: AbortSignal): Promise<boolean> {
	for (let misses = 0; misses < missesInARow; misses += 1) {
		if (misses > 0) await clock.sleep(recheckMs, signal);
		if (await answers(address)) return false;
	}
	return true;
}

function answers(address: string): Promise<boolean> {
	const [, host, port] = /^(.*):(\d+)$/.exec(address) ?? [];
	return new Promise((resolve) => {
		const socket = connect({ host: host ?? "127.0.0.1", port: Number(port) });
		const settle = (answer: boolean) => {
			socket.destroy();
			resolve(answer);
		};
		socket.once("connect", () => settle(true));
		socket.once("error", () => settle(false));
	});
}
