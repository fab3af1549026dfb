import type { Logger } from "pino";
import { Deadline, type Ses, UpstreamError } from "pulumi-channels/ses";

/** How long SES's word holds in milliseconds: a yes, and anything else. */
const holdsMs = { yes: 60_000, otherwise: 10_000 };

/** How long one question may take. */
const deadlineMs = 3_000;

/** Whether SES accepts the service's AWS credentials. It is asked rarely, however often somebody wants to know. */
export class Access {
	#denial: string | undefined;
	#asking: Promise<void> | undefined;
	/** By `performance.now()`. */
	#askAgainAt = 0;
	#isKnown = false;

	constructor(
		private readonly upstream: Pick<Ses, "probe">,
		private readonly log: Logger,
	) {}

	/**
	 * Why not, and what to set; undefined while SES accepts them, or has not said.
	 * Whoever asks once the last word is old still gets that, and SES is asked meanwhile.
	 */
	async denial(): Promise<string | undefined> {
		if (this.#asking === undefined && performance.now() >= this.#askAgainAt) {
			this.#asking = this.#ask().finally(() => {
				this.#asking = undefined;
			});
		}
		if (!this.#isKnown) await this.#asking;
		return this.#denial;
	}

	async #ask(): Promise<void> {
		let holdMs = holdsMs.otherwise;
		try {
			using deadline = new Deadline(deadlineMs, { isUrgent: false });
			await this.upstream.probe(deadline);
			if (this.#denial !== undefined) this.log.info("SES accepts the AWS credentials now");
			this.#denial = undefined;
			holdMs = holdsMs.yes;
		} catch (error) {
			// What is no answer about them leaves it at the last one.
			if (error instanceof UpstreamError && error.kind === "denied") {
				const denial = describe(error);
				if (denial !== this.#denial) this.log.warn({ err: error, code: error.code }, denial);
				this.#denial = denial;
			}
		}
		this.#isKnown = true;
		this.#askAgainAt = performance.now() + holdMs;
	}
}

const whatToSet = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or a role of the machine";

function describe({ reason, operation }: UpstreamError): string {
	if (/^CredentialsProviderError$|^TokenProviderError$/.test(reason))
		return `there are no AWS credentials. Set ${whatToSet}.`;
	if (/^(AccessDenied|UnauthorizedOperation)/.test(reason))
		return `the AWS credentials do not allow ses:${operation} (${reason}). Allow the actions that docs/service.md lists.`;
	return `SES does not accept the AWS credentials (${reason}). Renew them: ${whatToSet}.`;
}
