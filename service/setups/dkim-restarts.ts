import type { Logger } from "pino";
import type { Setup } from "../database/setups.js";
import type { Deadline } from "../upstream/deadline.js";
import type { SesUpstream } from "../upstream/ses.js";

/**
 * Has SES look for DKIM records again that it gave up, which it does after 72 hours without them: its status FAILED is
 * final otherwise, even for a domain whose records stand by now.
 */
export class DkimRestarts {
	/** When each setup's last restart was, by `performance.now()`. */
	readonly #last = new Map<string, number>();

	constructor(
		private readonly upstream: Pick<SesUpstream, "restartDkim">,
		private readonly log: Logger,
		/** How long SES gets for one restart, in milliseconds. */
		private readonly intervalMs: number,
	) {}

	/** At most once an interval. The setup's records stand, and the identity is the setup's. */
	async restart(setup: Setup, deadline: Deadline): Promise<void> {
		const now = performance.now();
		for (const [id, at] of this.#last) if (now - at >= this.intervalMs) this.#last.delete(id);
		if (this.#last.has(setup.id)) return;
		this.#last.set(setup.id, now);
		const about = { setupId: setup.id, domain: setup.domain };
		try {
			await this.upstream.restartDkim(setup.domain, deadline);
			this.log.warn(about, "SES had given the domain's DKIM records up; now that they stand, it looks again");
		} catch (error) {
			this.log.warn({ ...about, err: error }, "SES does not look again for DKIM records that it gave up");
		}
	}
}
