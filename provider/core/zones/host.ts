/** Who serves zones, as the rest of the core knows them. Each stands in `hosts/`, with its client, credentials and failures. */
import type { Words } from "../../../dns/index.js";
import type { RecordSetState } from "../../shapes.js";
import type { ErrorCode } from "../error-codes.js";
import { CodedError, lines } from "../errors.js";
import type { Intent } from "./intents.js";

export interface HostedZone {
	id: string;
	/** Without a trailing dot. */
	name: string;
	/** Served to some network only. */
	private: boolean;
}

export interface DelegatedZone extends HostedZone {
	nameServers: string[];
}

/** What to read of a zone: one name, or a name and everything below it. */
export interface Range {
	name: string;
	below?: boolean;
}

/** What one resource wants changed, and the record sets that it was decided from. */
export interface PlannedChange {
	readonly intents: readonly Intent[];
	readonly current: readonly RecordSetState[];
}

/** A change that a host has accepted; its name servers learn of it from then on. */
export interface AcceptedChange {
	readonly id: string;
	readonly zoneId: string;
	/** When that was, by the clock. */
	readonly at: number;
}

export interface SettledOptions {
	/**
	 * Whether a later change of the same zone may answer for this one. The data plane is not documented to apply a
	 * zone's changes in the order in which they were accepted, so that is for who asks the name servers himself
	 * afterwards. Default false.
	 */
	readonly byLater?: boolean;
}

/** An account at a host of zones. Every call throws HostError, or the reason of a stop. */
export interface DnsHost {
	/** As people know it, such as `Route 53`. */
	readonly title: string;
	/** What it can promise. */
	readonly can: {
		/** Whether what stands below a name can be read; where not, names are known only once the setup exists. */
		readonly list: boolean;
		/** Whether a change is made only where the zone is as it was read. */
		readonly compareAndSwap: boolean;
	};
	/** Every zone with one of these names, private ones too, as they were seen within the last seconds. */
	zones(names: readonly string[]): Promise<HostedZone[]>;
	zone(id: string): Promise<DelegatedZone>;
	/** The record sets in these ranges. */
	read(zoneId: string, ranges: readonly Range[]): Promise<RecordSetState[]>;
	/** As few batches of these as the host takes, each to be made whole or not at all. Those of one stay together. */
	batches<Planned extends PlannedChange>(planned: readonly Planned[]): Planned[][];
	/** Makes a batch, whole or not at all, where the zone is as it was read. */
	change(zoneId: string, batch: readonly PlannedChange[]): Promise<AcceptedChange>;
	/** Resolves once every name server has a change. Undefined where only the name servers can tell. */
	settled?(change: AcceptedChange, options?: SettledOptions): Promise<void>;
}

export type HostErrorKind =
	/** The zone is not as it was read; a new plan can succeed. */
	| "outdated"
	/** It said no to what was asked, and may say yes to a part of it. */
	| "refused"
	/** The same call, sent later, can succeed; nothing was done. */
	| "busy"
	/** There is no such zone. */
	| "gone"
	/** The credentials are none, or may not do it. */
	| "denied"
	/** No usable answer came: nobody knows whether it was done. */
	| "unanswered";

/** A call of a host that failed. */
export class HostError extends CodedError {
	override readonly name: string = "HostError";
	readonly requestId: string | undefined;

	/** @param word the host's own for it. */
	constructor(
		code: ErrorCode,
		message: Words,
		readonly kind: HostErrorKind,
		readonly word: string,
		options: { cause?: unknown; requestId?: string | undefined } = {},
	) {
		super(code, message, { cause: options.cause });
		this.requestId = options.requestId;
	}

	/** The same error, of another kind. */
	ofKind(kind: HostErrorKind): HostError {
		const { code, word, cause, requestId } = this;
		return new HostError(code, lines(this), kind, word, { cause, requestId });
	}
}

export const isHostError = (error: unknown, ...kinds: HostErrorKind[]): error is HostError =>
	error instanceof HostError && kinds.includes(error.kind);

/** The names of these, each once. */
export const rangesOf = (named: readonly { name: string }[]): Range[] =>
	[...new Set(named.map(({ name }) => name))].map((name) => ({ name }));
