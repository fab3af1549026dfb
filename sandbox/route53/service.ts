import type { Accounts, Caller } from "../accounts.js";
import { ServiceError } from "../errors.js";
import type { Call, HttpRequest, HttpResponse, HttpService } from "../http.js";
import type { Clock } from "../server-clock.js";
import { refuseSkewed, signatureTime } from "../signature-date.js";
import { Throttle } from "../throttle.js";
import { toXml } from "../xml.js";
import { readChangeBatch, readCreateHostedZone } from "./input.js";
import { Operations, type Query, type Result } from "./route53-operations.js";
import type { HostedZones } from "./zones.js";

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

interface Operation {
	readonly name: string;
	readonly input: unknown;
	run(caller: Caller): Result | Promise<Result>;
}

/** Route 53 (REST-XML, 2013-04-01): hosted zones, record sets, changes. */
export function route53Service(options: Route53ServiceOptions): HttpService {
	const { accounts, clock } = options;
	const throttle = new Throttle(
		clock,
		options.requestsPerSecond,
		() => new ServiceError(400, "Throttling", "Rate exceeded"),
	);
	const operationOf = router(options);
	return {
		name: "route53",
		route(request, requestId) {
			refuseSkewed(request.headers, clock);
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
						headers: { ...headers(requestId, clock), ...(location === undefined ? {} : { location }) },
						body: toXml(`${operation.name}Response`, namespace, content),
					};
				},
			} satisfies Call;
		},
		renderError: (error, requestId): HttpResponse => ({
			status: error.status,
			headers: headers(requestId, clock),
			body: toXml("ErrorResponse", namespace, {
				Error: { Type: error.status < 500 ? "Sender" : "Receiver", Code: error.code, Message: error.message },
				RequestId: requestId,
			}),
			error: error.code,
		}),
	};
}

function headers(requestId: string, clock: Clock): Record<string, string> {
	return {
		"content-type": "text/xml",
		"x-amzn-requestid": requestId,
		date: new Date(signatureTime(clock)).toUTCString(),
	};
}

function router({ zones, clock, changeTakes }: Route53ServiceOptions): (request: HttpRequest) => Operation {
	const operations = new Operations(zones, clock, changeTakes);
	return (request) => {
		const query: Query = Object.fromEntries(request.query);
		const [resource = "", id = "", sub = ""] = request.path.replace(/^\/2013-04-01\//, "").split("/");
		switch (`${request.method} ${[resource, id && "{id}", sub].filter(Boolean).join("/")}`) {
			case "POST hostedzone":
				return withBody("CreateHostedZone", request, {}, readCreateHostedZone, (caller, input) =>
					operations.createHostedZone(caller, input),
				);
			case "GET hostedzone":
				return {
					name: "ListHostedZones",
					input: query,
					run: (caller) => operations.listHostedZones(caller, query),
				};
			case "GET hostedzonesbyname":
				return {
					name: "ListHostedZonesByName",
					input: query,
					run: (caller) => operations.listHostedZonesByName(caller, query),
				};
			case "GET hostedzonecount":
				return {
					name: "GetHostedZoneCount",
					input: {},
					run: (caller) => operations.getHostedZoneCount(caller),
				};
			case "GET hostedzone/{id}":
				return {
					name: "GetHostedZone",
					input: { Id: id },
					run: (caller) => operations.getHostedZone(caller, id),
				};
			case "DELETE hostedzone/{id}":
				return {
					name: "DeleteHostedZone",
					input: { Id: id },
					run: (caller) => operations.deleteHostedZone(caller, id),
				};
			case "GET hostedzone/{id}/rrset":
				return {
					name: "ListResourceRecordSets",
					input: { HostedZoneId: id, ...query },
					run: (caller) => operations.listResourceRecordSets(caller, id, query),
				};
			case "POST hostedzone/{id}/rrset":
				return withBody(
					"ChangeResourceRecordSets",
					request,
					{ HostedZoneId: id },
					(body) => ({ ChangeBatch: readChangeBatch(body) }),
					(caller, { ChangeBatch }) => operations.changeResourceRecordSets(caller, id, ChangeBatch),
				);
			case "GET change/{id}":
				return { name: "GetChange", input: { Id: id }, run: (caller) => operations.getChange(caller, id) };
			case "GET healthcheck":
				return {
					name: "ListHealthChecks",
					input: query,
					run: () => operations.listHealthChecks(query),
				};
			default:
				throw new ServiceError(
					404,
					"UnknownOperationException",
					`the sandbox's Route 53 has no ${request.method} ${request.path}`,
				);
		}
	};
}

/** An operation with a body, which is logged, and refused, as that operation even where it cannot be read. */
function withBody<T extends object>(
	name: string,
	{ body }: HttpRequest,
	input: object,
	read: (body: string) => T,
	run: (caller: Caller, content: T) => Result | Promise<Result>,
): Operation {
	try {
		const content = read(body);
		return { name, input: { ...input, ...content }, run: (caller) => run(caller, content) };
	} catch (error) {
		return {
			name,
			input: { ...input, body },
			run: () => {
				throw error;
			},
		};
	}
}
