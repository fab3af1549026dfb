import type { Logger } from "pino";
import { isPublished, type Lookups } from "pulumi-channels/dns";
import type { DnsRecordResponse } from "pulumi-channels/sdk";
import type { Setup, SetupStore } from "../database/setups.js";
import { Deadline } from "../upstream/deadline.js";
import { UpstreamError } from "../upstream/errors.js";
import type { IdentityStatus, SesUpstream } from "../upstream/ses.js";

export interface VerificationOptions {
	/** How long one check may take, all look-ups and SES together. */
	readonly deadlineMs: number;
	/** Told about setups whose identity is gone upstream, or has other DKIM keys: for metrics. */
	readonly onVanished: (setup: Setup) => void;
	/** Has SES look again for DKIM records that stand and that it gave up. */
	readonly restartDkim: (setup: Setup, deadline: Deadline) => Promise<void>;
}

/** What one question about a record came to; undefined when it stayed open. */
type Verdict = boolean | undefined;

/** Checks live which of a setup's records stand, and keeps what it found. */
export class Verification {
	readonly #underWay = new Map<string, Promise<Setup | undefined>>();

	constructor(
		private readonly setups: SetupStore,
		private readonly upstream: SesUpstream,
		private readonly lookups: Pick<Lookups, "checkAll">,
		private readonly log: Logger,
		private readonly options: VerificationOptions,
	) {}

	/** The same as {@link check}, but one per setup at a time: whoever asks meanwhile gets that. */
	shared(setup: Setup): Promise<Setup | undefined> {
		const underWay = this.#underWay.get(setup.id);
		if (underWay) return underWay;
		const check = this.check(setup).finally(() => this.#underWay.delete(setup.id));
		this.#underWay.set(setup.id, check);
		return check;
	}

	/**
	 * Looks, and leaves on the setup what was found and when.
	 * A question that stays open leaves the flag, and the time of the check, as they were.
	 * @returns undefined when the setup was deleted meanwhile.
	 */
	async check(setup: Setup): Promise<Setup | undefined> {
		const deadline = new Deadline(this.options.deadlineMs);
		const published = await this.#arePublished(setup.dnsRecords, deadline);
		const isDkim = setup.dnsRecords.map((record) => record.type === "CNAME");
		const accepted = await this.#isAccepted(
			setup,
			published.filter((_, index) => isDkim[index]),
			deadline,
		);
		const verdicts = published.map((verdict, index) => (verdict && isDkim[index] ? accepted : verdict));
		return this.setups.recordCheck(
			setup.id,
			setup.dnsRecords.map((record, index) => ({ ...record, verified: verdicts[index] ?? record.verified })),
			!verdicts.includes(undefined),
		);
	}

	async #arePublished(records: DnsRecordResponse[], deadline: Deadline): Promise<Verdict[]> {
		try {
			const checks = await this.lookups.checkAll(records, { signal: deadline.signal });
			return checks.map(isPublished);
		} catch (error) {
			if (!deadline.signal.aborted) throw error;
			return records.map(() => undefined);
		}
	}

	/**
	 * Whether SES accepts the domain. It is asked only while its three records stand: it looks them up when asked,
	 * and its resolver would remember a "no" for as long as the zone's SOA says. Otherwise its last word counts.
	 */
	async #isAccepted(setup: Setup, dkimPublished: Verdict[], deadline: Deadline): Promise<Verdict> {
		if (!dkimPublished.every((verdict) => verdict === true)) {
			return setup.dnsRecords.some((record) => record.type === "CNAME" && record.verified);
		}
		try {
			const identity = await this.upstream.identity(setup.domain, deadline);
			const isOurs = identity?.owner === setup.id;
			if (isOurs && hasKeysOf(identity, setup)) {
				if (identity.gaveUp && setup.state === "active") await this.options.restartDkim(setup, deadline);
				return identity.verified;
			}
			if (setup.state === "active") {
				const what = isOurs ? "has other DKIM keys in SES than it was made with" : "is gone from SES";
				this.log.error(
					{ setupId: setup.id, domain: setup.domain, owner: identity?.owner },
					`the setup's identity ${what}; delete the setup and create it anew`,
				);
				this.options.onVanished(setup);
			}
			return false;
		} catch (error) {
			if (!(error instanceof UpstreamError)) throw error;
			this.log.warn({ err: error, setupId: setup.id }, "SES could not be asked; the last answer stands");
			return undefined;
		}
	}
}

/** Whether an identity's DKIM keys are those that the setup's records are for. */
function hasKeysOf({ tokens }: IdentityStatus, { dnsRecords }: Setup): boolean {
	const published = dnsRecords
		.filter(({ type }) => type === "CNAME")
		.map(({ address }) => address.toLowerCase());
	return (
		tokens.length === published.length &&
		tokens.every((token) => published.some((name) => name.startsWith(`${token.toLowerCase()}.`)))
	);
}
