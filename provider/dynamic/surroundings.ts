import { availableParallelism } from "node:os";
import type { Surroundings } from "../core/compose.js";
import { Claims } from "../core/run/claims.js";
import { Operations } from "../core/running-operations.js";
import { EngineLog } from "./engine.js";
import { stopSignal } from "./stop.js";

/** The operations of the engine that this process is working on. */
export const operations = new Operations();

/** The engine starts a process for each run. */
export const claims = new Claims();

/** Of a provider process that the engine started, as `node <launcher> … <engine address>`. */
export function startedByEngine(): Surroundings & { progressOf: EngineLog["progress"] } {
	const [, launcher] = process.argv;
	const address = process.argv.length > 2 ? process.argv.at(-1) : undefined;
	const log = new EngineLog(address, launcher);
	// Pulumi runs four operations per core at once (`--parallel`).
	const slots = 4 * availableParallelism();
	return {
		env: (key) => process.env[key],
		progressOf: (urn) => log.progress(urn),
		// Without a URN the line stands with the stack.
		progress: log.progress(undefined),
		...stopSignal(address, operations),
		slots,
		claims,
		complete: () => operations.fill(slots),
	};
}
