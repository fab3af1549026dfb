import type { RecordSetState } from "../../shapes.js";
import type { Change } from "./changes.js";

/** The calls of Route 53 that the provider makes; `client.ts` makes them through the AWS SDK. */
export interface Route53Api {
	/** Zones in Route 53's order (by reversed labels), beginning at a name. At most 100 a page. */
	listZonesByName(
		start: ZoneCursor,
		signal: AbortSignal,
	): Promise<{ items: HostedZone[]; next?: ZoneCursor }>;
	/** @throws Route53Error `NoSuchHostedZone`, `AccessDenied`. */
	getZone(zoneId: string, signal: AbortSignal): Promise<DelegatedZone>;
	/** Record sets in Route 53's order, beginning at a name. At most 300 a page. */
	listRecordSets(
		zoneId: string,
		start: RecordSetCursor,
		signal: AbortSignal,
	): Promise<{ items: RecordSetState[]; next?: RecordSetCursor }>;
	/** Makes all the changes or none, and returns the change's id. @throws Route53Error `InvalidChangeBatch`. */
	change(zoneId: string, changes: Change[], signal: AbortSignal): Promise<string>;
	/** Whether every name server has a change. */
	inSync(changeId: string, signal: AbortSignal): Promise<boolean>;
}

export interface ZoneCursor {
	name: string;
	zoneId?: string;
}

export interface RecordSetCursor {
	name: string;
	type?: string;
	identifier?: string;
}

export interface HostedZone {
	id: string;
	name: string;
	private: boolean;
}

export interface DelegatedZone extends HostedZone {
	nameServers: string[];
}

/** A call of Route 53 that failed. */
export class Route53Error extends Error {
	override readonly name = "Route53Error";
	readonly requestId: string | undefined;
	/** No usable answer came: nobody knows whether the call was done. */
	readonly unanswered: boolean;

	/** @param code AWS's own, such as `InvalidChangeBatch`, or what became of the connection. */
	constructor(
		message: string,
		readonly code: string,
		options: { cause?: unknown; requestId?: string; unanswered?: boolean } = {},
	) {
		super(message, { cause: options.cause });
		this.requestId = options.requestId;
		this.unanswered = options.unanswered ?? false;
	}
}

/** Whose zones: what of a resource's arguments decides the credentials. */
export interface Route53Access {
	region?: string;
	profile?: string;
	roleArn?: string;
	externalId?: string;
}
