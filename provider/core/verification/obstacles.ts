import type { RecordKind } from "../../arguments/inputs.js";
import type { SetupRef } from "../channels/setup.js";
import { DeadlineError, deadlineSignal } from "../deadline.js";
import type { World } from "../world.js";
import { turnToAsk } from "./wait.js";

/** How long the API may take to say it, once the wait itself is over. */
const questionMs = 10_000;

/**
 * Warns of what keeps a domain from sending that is verified, where the API tells it: the account in the sandbox of SES,
 * or sending that is paused. Each once in a run, as most are those of an account. Without an answer nothing is said.
 */
export async function warnOfObstacles(
	world: World,
	ref: SetupRef,
	kinds: readonly RecordKind[],
): Promise<void> {
	if (!kinds.includes("dkim")) return;
	using deadline = deadlineSignal(
		world.clock,
		questionMs,
		world.stop,
		() => new DeadlineError("api-timeout", "an answer", questionMs),
	);
	try {
		await turnToAsk(world, deadline.signal);
		const asking = { ...world, stop: deadline.signal };
		const reasons = (await world.channels.obstacles(asking, ref)) ?? [];
		const { toldObstacles } = world.cache;
		const news = reasons.filter((reason) => !toldObstacles.has(reason));
		for (const reason of news) toldObstacles.add(reason);
		if (news.length === 0) return;
		world.progress.warn(`${ref.domain} is verified, but does not send as it should yet. ${news.join(" ")}`);
	} catch {
		// It is verified, whatever this question comes to.
	}
}
