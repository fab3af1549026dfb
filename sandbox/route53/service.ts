import type { Accounts, Caller } from "../accounts.js";
import type { Clock } from "../clock.js";
import { ServiceError } from "../errors.js";
import type { Call, HttpRequest, HttpResponse, HttpService } from "../http.js";
import { toXml, type XmlElements } from "../xml.js";
import { invalidInput, readChangeBatch, readCreateHostedZone } from "./input.js";
import { listRecordSets, listZones, listZonesByName, pageLimits } from "./listing.js";
import { canonicalName, SyntaxProblem } from "./names.js";
import { changeElements, recordSetElements, zoneElements, zoneReach } from "./output.js";
import { Throttle } from "./throttle.js";
import type { HostedZone, HostedZones } from "./zones.js";

const namespace = "https://route53.amazonaws.com/doc/2013-04-01/";

export interface Route53ServiceOptions {
	readonly zones: HostedZones;
	readonly accounts: Accounts;
	readonly clock: Clock;
	/** Requests a second that one account may make; the real limit is 5. Default: none. */
	readonly requestsPerSecond: number | undefined;
	/** How long one change of a zone is worked on, in milliseconds; others of that zone are refused meanwhile. */
	readonly changeTakes: () => number;
}

/** What an operation answers: 200, or 201 with the new thing's place. */
interface Result {
	readonly content: XmlElements;
	readonly location?: string;
}

interface Operation {
	readonly name: string;
	readonly input: unknown;
	run(caller: Caller): Result | Promise<Result>;
}

/** Route 53 (REST-XML, 2013-04-01): hosted zones, record sets, changes. */
export function route53Service(options: Route53ServiceOptions): HttpService {
	const { accounts, clock } = options;
	const throttle = new Throttle(clock, options.requestsPerSecond);
	const operationOf = operations(options);
	return {
		name: "route53",
		route(request, requestId) {
			const caller = accounts.authenticate(request.headers, clock.now());
			const operation = operationOf(request);
			return {
				operation: operation.name,
				input: operation.input,
				account: caller.account,
				async run() {
					throttle.take(caller.account);
					const { content, location } = await operation.run(caller);
					return {
						status: location === undefined ? 200 : 201,
						headers: { ...headers(requestId), ...(location === undefined ? {} : { location }) },
						body: toXml(`${operation.name}Response`, namespace, content),
					};
				},
			} satisfies Call;
		},
		renderError: (error, requestId): HttpResponse => ({
			status: error.status,
			headers: headers(requestId),
			body: toXml("ErrorResponse", namespace, {
				Error: { Type: error.status < 500 ? "Sender" : "Receiver", Code: error.code, Message: error.message },
				RequestId: requestId,
			}),
			error: error.code,
		}),
	};
}

function headers(requestId: string): Record<string, string> {
	return { "content-type": "text/xml", "x-amzn-requestid": requestId };
}

function operations({
	zones,
	clock,
	changeTakes,
}: Route53ServiceOptions): (request: HttpRequest) => Operation {
	const busyZones = new Set<string>();

	return (request) => {
		const query = Object.fromEntries(request.query) as Record<string, string | undefined>;
		const [resource = "", id = "", sub = ""] = request.path.replace(/^\/2013-04-01\//, "").split("/");
		switch (`${request.method} ${[resource, id && "{id}", sub].filter(Boolean).join("/")}`) {
			case "POST hostedzone": {
				const input = readCreateHostedZone(request.body);
				return { name: "CreateHostedZone", input, run: (caller) => create(caller, input) };
			}
			case "GET hostedzone":
				return { name: "ListHostedZones", input: query, run: (caller) => list(caller, query) };
			case "GET hostedzonesbyname":
				return { name: "ListHostedZonesByName", input: query, run: (caller) => listByName(caller, query) };
			case "GET hostedzonecount":
				return {
					name: "GetHostedZoneCount",
					input: {},
					run: (caller) => ({ content: { HostedZoneCount: zonesOf(caller).length } }),
				};
			case "GET hostedzone/{id}":
				return {
					name: "GetHostedZone",
					input: { Id: id },
					run(caller) {
						const zone = zoneOf(caller, id);
						return { content: { HostedZone: zoneElements(zone), ...zoneReach(zone) } };
					},
				};
			case "DELETE hostedzone/{id}":
				return {
					name: "DeleteHostedZone",
					input: { Id: id },
					run(caller) {
						zoneOf(caller, id);
						return { content: { ChangeInfo: changeElements(zones.delete(id), clock.now()) } };
					},
				};
			case "GET hostedzone/{id}/rrset":
				return {
					name: "ListResourceRecordSets",
					input: { HostedZoneId: id, ...query },
					run: (caller) => listRecords(zoneOf(caller, id), query),
				};
			case "POST hostedzone/{id}/rrset": {
				const batch = readChangeBatch(request.body);
				return {
					name: "ChangeResourceRecordSets",
					input: { HostedZoneId: id, ChangeBatch: batch },
					run: (caller) => change(caller, id, batch),
				};
			}
			case "GET change/{id}":
				return {
					name: "GetChange",
					input: { Id: id },
					run(caller) {
						const found = zones.getChange(id);
						if (found.account !== caller.account) throw accessDenied(caller);
						return { content: { ChangeInfo: changeElements(found, clock.now()) } };
					},
				};
			default:
				throw new ServiceError(
					404,
					"UnknownOperationException",
					`the sandbox's Route 53 has no ${request.method} ${request.path}`,
				);
		}
	};

	function zonesOf(caller: Caller): HostedZone[] {
		return zones.all().filter((zone) => zone.account === caller.account);
	}

	function zoneOf(caller: Caller, id: string): HostedZone {
		const zone = zones.get(id);
		if (zone.account !== caller.account) throw accessDenied(caller);
		return zone;
	}

	function create(caller: Caller, input: ReturnType<typeof readCreateHostedZone>): Result {
		const name = domainName(input.Name);
		if (name === ".") throw new ServiceError(400, "InvalidDomainName", "The root cannot be a hosted zone");
		if (zonesOf(caller).some((zone) => zone.callerReference === input.CallerReference)) {
			throw new ServiceError(
				409,
				"HostedZoneAlreadyExists",
				"A hosted zone has already been created with the specified caller reference.",
			);
		}
		if (input.PrivateZone && !input.Vpc) {
			throw invalidInput("When you're creating a private hosted zone, you must specify a VPC.");
		}
		const { zone, change } = zones.create({
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
				ChangeInfo: changeElements(change, clock.now()),
				...(zone.isPrivate ? { VPC: { ...zone.vpcs[0] } } : zoneReach(zone)),
			},
		};
	}

	function list(caller: Caller, query: Record<string, string | undefined>): Result {
		const size = pageSize(query.maxitems, pageLimits.zones);
		const all = zonesOf(caller);
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

	function listByName(caller: Caller, query: Record<string, string | undefined>): Result {
		const size = pageSize(query.maxitems, pageLimits.zones);
		const { dnsname, hostedzoneid } = query;
		if (hostedzoneid !== undefined && dnsname === undefined) {
			throw invalidInput("HostedZoneId needs DNSName beside it");
		}
		const start = dnsname === undefined ? undefined : { name: domainName(dnsname), id: bareId(hostedzoneid) };
		const { items, next } = listZonesByName(zonesOf(caller), start, size);
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

	function listRecords(zone: HostedZone, query: Record<string, string | undefined>): Result {
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

	async function change(
		caller: Caller,
		id: string,
		batch: ReturnType<typeof readChangeBatch>,
	): Promise<Result> {
		zoneOf(caller, id);
		if (busyZones.has(id)) {
			throw new ServiceError(
				400,
				"PriorRequestNotComplete",
				"The request was rejected because Route 53 was still processing a prior request.",
			);
		}
		const duration = changeTakes();
		if (duration > 0) {
			busyZones.add(id);
			await clock.sleep(duration).finally(() => busyZones.delete(id));
		}
		const info = zones.change(id, batch.Changes);
		return { content: { ChangeInfo: changeElements(info, clock.now(), batch.Comment) } };
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
