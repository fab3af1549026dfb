import type { Caller } from "../accounts.js";
import { ServiceError } from "../errors.js";
import type { Clock } from "../server-clock.js";
import type { XmlElements } from "../xml.js";
import { type ChangeBatch, type CreateHostedZoneInput, invalidInput } from "./input.js";
import { listRecordSets, listZones, listZonesByName, pageLimits } from "./listing.js";
import { canonicalName, SyntaxProblem } from "./names.js";
import { changeElements, recordSetElements, zoneElements, zoneReach } from "./output.js";
import type { HostedZone, HostedZones } from "./zones.js";

/** What an operation answers: 200, or 201 with the new thing's place. */
export interface Result {
	readonly content: XmlElements;
	readonly location?: string;
}

export type Query = Readonly<Record<string, string | undefined>>;

/** The operations of Route 53, each for one caller, who sees the zones and changes of its own account alone. */
export class Operations {
	readonly #busyZones = new Set<string>();

	constructor(
		private readonly zones: HostedZones,
		private readonly clock: Clock,
		/** Milliseconds that one change of a zone is worked on; others of that zone are refused meanwhile. */
		private readonly changeTakes: () => number,
	) {}

	createHostedZone(caller: Caller, input: CreateHostedZoneInput): Result {
		const name = domainName(input.Name);
		if (name === ".") throw new ServiceError(400, "InvalidDomainName", "The root cannot be a hosted zone");
		if (this.#zonesOf(caller).some((zone) => zone.callerReference === input.CallerReference)) {
			throw new ServiceError(
				409,
				"HostedZoneAlreadyExists",
				"A hosted zone has already been created with the specified caller reference.",
			);
		}
		if (input.PrivateZone && !input.Vpc) {
			throw invalidInput("When you're creating a private hosted zone, you must specify a VPC.");
		}
		const { zone, change } = this.zones.create({
			name,
			account: caller.account,
			callerReference: input.CallerReference,
			...(input.Comment === undefined ? {} : { comment: input.Comment }),
			...(input.Vpc === undefined ? {} : { vpcs: [input.Vpc] }),
		});
		return {
			location: `https://route53.amazonaws.com/2013-04-01/hostedzone/${zone.id}`,
			content: {
				HostedZone: zoneElements(zone),
				ChangeInfo: changeElements(change, this.clock.now()),
				...(zone.isPrivate ? { VPC: { ...zone.vpcs[0] } } : zoneReach(zone)),
			},
		};
	}

	getHostedZone(caller: Caller, id: string): Result {
		const zone = this.#zoneOf(caller, id);
		return { content: { HostedZone: zoneElements(zone), ...zoneReach(zone) } };
	}

	getHostedZoneCount(caller: Caller): Result {
		return { content: { HostedZoneCount: this.#zonesOf(caller).length } };
	}

	deleteHostedZone(caller: Caller, id: string): Result {
		this.#zoneOf(caller, id);
		return { content: { ChangeInfo: changeElements(this.zones.delete(id), this.clock.now()) } };
	}

	listHostedZones(caller: Caller, query: Query): Result {
		const size = pageSize(query.maxitems, pageLimits.zones);
		const all = this.#zonesOf(caller);
		if (query.marker !== undefined && !all.some((zone) => zone.id === query.marker)) {
			throw invalidInput(`The marker ${query.marker} is not the id of a hosted zone`);
		}
		const { items, next } = listZones(all, query.marker, size);
		return {
			content: {
				HostedZones: { HostedZone: items.map(zoneElements) },
				Marker: query.marker,
				IsTruncated: next !== undefined,
				NextMarker: next?.id,
				MaxItems: size,
			},
		};
	}

	listHostedZonesByName(caller: Caller, query: Query): Result {
		const size = pageSize(query.maxitems, pageLimits.zones);
		const { dnsname, hostedzoneid } = query;
		if (hostedzoneid !== undefined && dnsname === undefined) {
			throw invalidInput("HostedZoneId needs DNSName beside it");
		}
		const start = dnsname === undefined ? undefined : { name: domainName(dnsname), id: bareId(hostedzoneid) };
		const { items, next } = listZonesByName(this.#zonesOf(caller), start, size);
		return {
			content: {
				HostedZones: { HostedZone: items.map(zoneElements) },
				DNSName: dnsname,
				HostedZoneId: hostedzoneid,
				IsTruncated: next !== undefined,
				NextDNSName: next?.name,
				NextHostedZoneId: next?.id,
				MaxItems: size,
			},
		};
	}

	listResourceRecordSets(caller: Caller, id: string, query: Query): Result {
		const zone = this.#zoneOf(caller, id);
		const size = pageSize(query.maxitems, pageLimits.recordSets);
		const { name, type, identifier } = query;
		if (type !== undefined && name === undefined) throw invalidInput("Type needs Name beside it");
		if (identifier !== undefined && type === undefined)
			throw invalidInput("Identifier needs Name and Type beside it");
		const start =
			name === undefined
				? undefined
				: {
						name: domainName(name),
						...(type === undefined ? {} : { type }),
						...(identifier === undefined ? {} : { identifier }),
					};
		const { items, next } = listRecordSets(zone.records, start, size);
		return {
			content: {
				ResourceRecordSets: { ResourceRecordSet: items.map(recordSetElements) },
				IsTruncated: next !== undefined,
				NextRecordName: next?.Name,
				NextRecordType: next?.Type,
				NextRecordIdentifier: next?.SetIdentifier,
				MaxItems: size,
			},
		};
	}

	async changeResourceRecordSets(caller: Caller, id: string, batch: ChangeBatch): Promise<Result> {
		this.#zoneOf(caller, id);
		if (this.#busyZones.has(id)) {
			throw new ServiceError(
				400,
				"PriorRequestNotComplete",
				"The request was rejected because Route 53 was still processing a prior request.",
			);
		}
		const duration = this.changeTakes();
		if (duration > 0) {
			this.#busyZones.add(id);
			await this.clock.sleep(duration).finally(() => this.#busyZones.delete(id));
		}
		const info = this.zones.change(id, batch.Changes);
		return { content: { ChangeInfo: changeElements(info, this.clock.now(), batch.Comment) } };
	}

	getChange(caller: Caller, id: string): Result {
		const found = this.zones.getChange(id);
		if (found.account !== caller.account) throw accessDenied(caller);
		return { content: { ChangeInfo: changeElements(found, this.clock.now()) } };
	}

	/** There are none, and none can be made: but clients such as octoDNS ask for them before they change anything. */
	listHealthChecks({ marker = "", maxitems }: Query): Result {
		return {
			content: {
				HealthChecks: "",
				Marker: marker,
				IsTruncated: false,
				MaxItems: pageSize(maxitems, pageLimits.healthChecks),
			},
		};
	}

	#zonesOf(caller: Caller): HostedZone[] {
		return this.zones.all().filter((zone) => zone.account === caller.account);
	}

	#zoneOf(caller: Caller, id: string): HostedZone {
		const zone = this.zones.get(id);
		if (zone.account !== caller.account) throw accessDenied(caller);
		return zone;
	}
}

function accessDenied(caller: Caller): ServiceError {
	return new ServiceError(
		403,
		"AccessDenied",
		`User: ${caller.arn} is not authorized to access this resource`,
	);
}

function domainName(text: string): string {
	try {
		return canonicalName(text);
	} catch (error) {
		if (error instanceof SyntaxProblem) throw new ServiceError(400, "InvalidDomainName", error.message);
		throw error;
	}
}

function bareId(id: string | undefined): string | undefined {
	return id?.replace(/^\/hostedzone\//, "");
}

function pageSize(text: string | undefined, limit: number): number {
	if (text === undefined) return limit;
	const size = Number(text);
	if (!Number.isInteger(size) || size < 1)
		throw invalidInput(`MaxItems has to be a number from 1, not '${text}'`);
	return Math.min(size, limit);
}
