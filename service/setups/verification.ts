import type { Logger } from "pino";
import { isPublished, type Lookups, type RecordCheck } from "pulumi-channels/dns";
import type { DnsRecordResponse } from "pulumi-channels/sdk";
import type { Setup, SetupStore } from "../database/setups.js";
import { DatabaseUnavailable } from "../database/unavailable.js";
import { Deadline } from "../upstream/deadline.js";
import { UpstreamError } from "../upstream/errors.js";
import type { SesUpstream } from "../upstream/ses.js";
import { type SesWord, standingOf } from "./ses-word.js";

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

/** What a live check found. */
export interface Finding {
	/** The setup with the flags, and the time, that the check left on it. */
	readonly setup: Setup;
	/** By record, in their order; undefined when the time was over before the name servers had answered. */
	readonly checks: readonly RecordCheck[] | undefined;
	readonly ses: SesWord;
}

/** Checks live which of a setup's records stand, and keeps what it found. */
export class Verification {
	readonly #underWay = new Map<string, Promise<Finding | undefined>>();

	constructor(
		private readonly setups: SetupStore,
		private readonly upstream: SesUpstream,
		private readonly lookups: Pick<Lookups, "checkAll">,
		private readonly log: Logger,
		private readonly options: VerificationOptions,
	) {}

	/** The same as {@link check}, but one per setup at a time: whoever asks meanwhile gets that. */
	shared(setup: Setup): Promise<Finding | undefined> {
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
	async check(setup: Setup): Promise<Finding | undefined> {
		const deadline = new Deadline(this.options.deadlineMs);
		const checks = await this.#look(setup.dnsRecords, deadline);
		const published = setup.dnsRecords.map((_, index) => checks?.[index] && isPublished(checks[index]));
		const isDkim = setup.dnsRecords.map((record) => record.type === "CNAME");
		const ses = await this.#ask(
			setup,
			published.filter((_, index) => isDkim[index]),
			deadline,
		);
		const accepted = await this.#isAccepted(setup, ses, deadline);
		const verdicts = published.map((verdict, index) => (verdict && isDkim[index] ? accepted : verdict));
		const kept = await this.#keep(
			setup,
			setup.dnsRecords.map((record, index) => ({ ...record, verified: verdicts[index] ?? record.verified })),
			!verdicts.includes(undefined),
		);
		return kept && { setup: kept, checks, ses };
	}

	/** What was seen is told even where it cannot be kept; the time of the last check is then that of the last kept. */
	async #keep(setup: Setup, dnsRecords: DnsRecordResponse[], isWhole: boolean): Promise<Setup | undefined> {
		try {
			return await this.setups.recordCheck(setup.id, dnsRecords, isWhole);
		} catch (error) {
			if (!(error instanceof DatabaseUnavailable)) throw error;
			this.log.warn({ err: error, setupId: setup.id }, "what a check found could not be kept");
			return { ...setup, dnsRecords };
		}
	}

	async #look(records: DnsRecordResponse[], deadline: Deadline): Promise<RecordCheck[] | undefined> {
		try {
			return await this.lookups.checkAll(records, { signal: deadline.signal });
		} catch (error) {
			if (!deadline.signal.aborted) throw error;
			return undefined;
		}
	}

	/**
	 * SES is asked only while the domain's three records stand: it looks them up when asked, and its resolver would
	 * remember a "no" for as long as the zone's SOA says.
	 */
	async #ask(setup: Setup, dkimPublished: Verdict[], deadline: Deadline): Promise<SesWord> {
		if (!dkimPublished.every((verdict) => verdict === true)) return { kind: "not asked" };
		try {
			return { kind: "answer", identity: await this.upstream.identity(setup.domain, deadline) };
		} catch (error) {
			if (!(error instanceof UpstreamError)) throw error;
			this.log.warn({ err: error, setupId: setup.id }, "SES could not be asked; the last answer stands");
			return { kind: "silent", error };
		}
	}

	/** Whether SES accepts the domain. Its last word counts where it was not asked. */
	async #isAccepted(setup: Setup, ses: SesWord, deadline: Deadline): Promise<Verdict> {
		if (ses.kind === "silent") return undefined;
		if (ses.kind === "not asked")
			return setup.dnsRecords.some((record) => record.type === "CNAME" && record.verified);
		const { identity } = ses;
		const standing = standingOf(identity, setup);
		if (standing === "own") {
			if (identity?.dkim === "FAILED" && setup.state === "active")
				await this.options.restartDkim(setup, deadline);
			return identity?.dkim === "SUCCESS";
		}
		if (setup.state === "active") {
			const what =
				standing === "rekeyed" ? "has other DKIM keys in SES than it was made with" : "is gone from SES";
			this.log.error(
				{ setupId: setup.id, domain: setup.domain, owner: identity?.owner },
				`the setup's identity ${what}; delete the setup and create it anew`,
			);
			this.options.onVanished(setup);
		}
		return false;
	}
}
