import { type SesClock, systemClock } from "../calls/clock.js";
import type { Deadline } from "../calls/deadline.js";
import type { SesLog } from "../log.js";
import type { MailFromStatus } from "../objects/found.js";
import type { Ses } from "../objects/ses.js";
import type { SetupInSes } from "./setup.js";

type RestartedSetup = Pick<SetupInSes, "id" | "domain">;

/**
 * Has SES look for records again that it gave up, which it does after 72 hours without them: its status FAILED is final
 * otherwise, even for a domain whose records stand by now. Each at most once an interval. The records stand, and the
 * identity is the setup's.
 */
export class Restarts {
	/** When each last one was, by the clock. */
	readonly #last = new Map<string, number>();

	constructor(
		private readonly ses: Pick<Ses, "restartDkim" | "setMailFrom">,
		private readonly log: Pick<SesLog, "warn">,
		/** How long SES gets for one restart, in milliseconds. */
		private readonly intervalMs: number,
		private readonly clock: SesClock = systemClock,
	) {}

	dkim(setup: RestartedSetup, deadline: Deadline): Promise<void> {
		return this.#restart(setup, "DKIM records", () => this.ses.restartDkim(setup.domain, deadline));
	}

	/** @param mailFrom as it is, which is how it is set again */
	mailFrom(setup: RestartedSetup, mailFrom: MailFromStatus, deadline: Deadline): Promise<void> {
		return this.#restart(setup, "MAIL FROM record", () =>
			this.ses.setMailFrom(setup.domain, mailFrom, deadline),
		);
	}

	async #restart({ id, domain }: RestartedSetup, what: string, restart: () => Promise<void>): Promise<void> {
		const key = `${what} ${id}`;
		const now = this.clock.now();
		for (const [each, at] of this.#last) if (now - at >= this.intervalMs) this.#last.delete(each);
		if (this.#last.has(key)) return;
		this.#last.set(key, now);
		const about = { setupId: id, domain };
		try {
			await restart();
			this.log.warn(about, `SES had given up on the domain's ${what}; now that they stand, it looks again`);
		} catch (error) {
			this.log.warn({ ...about, err: error }, `SES does not look again for the ${what} that it gave up`);
		}
	}
}
