import { type Clock, systemClock } from "../core/clock.js";
import type { Operations } from "../core/running-operations.js";
import type { World } from "../core/world.js";
import { isGone, watchEngine } from "./engine.js";

/** How long work may take to wind up after a stop; the engine kills the process after five seconds. */
const windUpMs = 4_000;
/** What an operation ended with after the stop still has to leave the process. */
const answerMs = 20;

/**
 * Aborts at SIGINT or SIGTERM, or when the engine at this address is gone, and ends the process once its work
 * has wound up. The engine sends SIGINT at a second ^C (the first reaches no dynamic provider) and at the end of
 * every command (`TerminateProcessGroup` in its source).
 */
export function stopSignal(
	engine: string | undefined,
	operations: Operations,
): Required<Pick<World, "stop" | "lookForStop">> {
	const controller = new AbortController();
	const stop = (reason: string, end: () => void) => {
		if (controller.signal.aborted) return;
		controller.abort(new Error(reason));
		void windUp(operations, systemClock).then(end);
	};
	for (const signal of ["SIGINT", "SIGTERM"] as const) {
		// By the same signal, which nobody handles any more: every command waits until the process has ended, and an
		// exit would first tear down what nobody needs.
		process.once(signal, () => stop("Told to stop.", () => process.kill(process.pid, signal)));
	}
	const gone = () => stop("The Pulumi engine is gone.", () => process.exit(1));
	if (engine) watchEngine(engine, systemClock, controller.signal, gone).catch(() => {});
	return {
		stop: controller.signal,
		async lookForStop() {
			if (engine && (await isGone(engine, systemClock, controller.signal).catch(() => false))) gone();
		},
	};
}

/** Resolves once the work that is under way has ended and answered, or was given time enough. */
export async function windUp(operations: Pick<Operations, "busy" | "idle">, clock: Clock): Promise<void> {
	if (!operations.busy) return;
	const never = new AbortController().signal;
	await Promise.race([
		operations.idle().then(() => clock.sleep(answerMs, never)),
		clock.sleep(windUpMs, never),
	]);
}
