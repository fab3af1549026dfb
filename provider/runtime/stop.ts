import { type Clock, systemClock } from "./clock.js";
import { watchEngine } from "./engine.js";
import { type Operations, operations } from "./operations.js";

/** How long work may take to wind up after a stop; the engine kills the process after five seconds. */
const windUpMs = 4_000;
/** What the last operation ended with still has to leave the process. */
const answerMs = 20;

/**
 * Aborts at SIGINT or SIGTERM, or when the engine at this address is gone, and ends the process once its work
 * has wound up. The engine sends SIGINT at a second ^C (the first reaches no dynamic provider) and at the end of
 * every command (`TerminateProcessGroup` in its source).
 */
export function stopSignal(engine: string | undefined): AbortSignal {
	const controller = new AbortController();
	const stop = (reason: string) => {
		if (controller.signal.aborted) return;
		controller.abort(new Error(reason));
		void windUp(operations, systemClock).then(() => process.exit(130));
	};
	process.once("SIGINT", () => stop("Told to stop."));
	process.once("SIGTERM", () => stop("Told to stop."));
	if (engine) {
		const gone = () => stop("The Pulumi engine is gone.");
		watchEngine(engine, systemClock, controller.signal, gone).catch(() => {});
	}
	return controller.signal;
}

/** Resolves once all work has ended and answered, or was given time enough: the engine waits for the process. */
export async function windUp(operations: Pick<Operations, "idle">, clock: Clock): Promise<void> {
	const never = new AbortController().signal;
	await Promise.race([
		operations.idle().then(() => clock.sleep(answerMs, never)),
		clock.sleep(windUpMs, never),
	]);
}
