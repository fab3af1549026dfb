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

/** As in package.json (`engines`): what undici needs. */
const oldestNode = "22.19.0";

/** Why this Node.js cannot do the work, if it cannot: on an older one some module would fail in the middle of it. */
export function nodeProblem(version = process.versions.node): string | undefined {
	const older = version.localeCompare(oldestNode, "en", { numeric: true }) < 0;
	return older
		? `pulumi-channels needs Node.js ${oldestNode} or newer, and Pulumi runs ${version} here (${process.execPath}): ` +
				"install a newer one, or put it first on the PATH."
		: undefined;
}

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
