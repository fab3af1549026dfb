import type { Accounts } from "../accounts.js";
import type { Clock } from "../clock.js";
import { ServiceError } from "../errors.js";
import type { HttpRequest, HttpService } from "../http.js";
import { Throttle } from "../throttle.js";
import type { CnameLookup } from "./dkim.js";
import { type OperationName, operations } from "./operations.js";
import { type Identity, SesRegion, type SesRules, type Tenant } from "./state.js";

export interface SesOptions {
	readonly accounts: Accounts;
	readonly clock: Clock;
	/** The resolver SES asks for DKIM records. */
	readonly lookup: CnameLookup;
	readonly rules?: Partial<SesRules>;
}

/** SESv2 (REST-JSON) for every account and region, and a view into it for tests. */
export interface Ses {
	readonly service: HttpService;
	/** What one account holds in one region, to look at and to edit by hand. */
	region(account: string, region: string): SesRegion;
	/** All tenants, of every account and region. */
	tenants(): Tenant[];
	/** All identities, of every account and region. */
	identities(): Identity[];
}

interface Route {
	readonly method: string;
	readonly path: RegExp;
	readonly operation: OperationName;
}

const routes: readonly Route[] = [
	post("/v2/email/tenants", "CreateTenant"),
	post("/v2/email/tenants/get", "GetTenant"),
	post("/v2/email/tenants/delete", "DeleteTenant"),
	post("/v2/email/tenants/list", "ListTenants"),
	post("/v2/email/tenants/resources", "CreateTenantResourceAssociation"),
	post("/v2/email/tenants/resources/delete", "DeleteTenantResourceAssociation"),
	post("/v2/email/tenants/resources/list", "ListTenantResources"),
	post("/v2/email/resources/tenants/list", "ListResourceTenants"),
	post("/v2/email/identities", "CreateEmailIdentity"),
	post("/v2/email/list-identities", "ListEmailIdentities"),
	{
		method: "GET",
		path: /^\/v2\/email\/identities\/(?<EmailIdentity>[^/]+)$/,
		operation: "GetEmailIdentity",
	},
	{
		method: "DELETE",
		path: /^\/v2\/email\/identities\/(?<EmailIdentity>[^/]+)$/,
		operation: "DeleteEmailIdentity",
	},
	{
		method: "PUT",
		path: /^\/v2\/email\/identities\/(?<EmailIdentity>[^/]+)\/dkim\/signing$/,
		operation: "PutEmailIdentityDkimSigningAttributes",
	},
	post("/v2/email/tags", "TagResource"),
	{ method: "DELETE", path: /^\/v2\/email\/tags$/, operation: "UntagResource" },
	{ method: "GET", path: /^\/v2\/email\/tags$/, operation: "ListTagsForResource" },
];

function post(path: string, operation: OperationName): Route {
	return { method: "POST", path: new RegExp(`^${path}$`), operation };
}

/** The names under which REST-JSON services report what {@link Accounts} refuses. */
const authenticationErrors: Readonly<Record<string, string>> = {
	MissingAuthenticationToken: "MissingAuthenticationTokenException",
	IncompleteSignature: "IncompleteSignatureException",
	InvalidClientTokenId: "UnrecognizedClientException",
	ExpiredToken: "ExpiredTokenException",
};

const defaultRules: SesRules = {
	tenants: 10_000,
	identities: 10_000,
	associationLagMs: 0,
	namesHostedZone: true,
};

export function createSes({ accounts, clock, lookup, rules }: SesOptions): Ses {
	const throttle = new Throttle(
		clock,
		rules?.requestsPerSecond,
		() => new ServiceError(429, "TooManyRequestsException", "Rate exceeded"),
	);
	const regions = new Map<string, SesRegion>();
	const region = (account: string, name: string): SesRegion => {
		const key = `${account} ${name}`;
		const known = regions.get(key);
		if (known) return known;
		const made = new SesRegion(account, name, { ...defaultRules, ...rules }, clock);
		regions.set(key, made);
		return made;
	};

	return {
		region,
		tenants: () => [...regions.values()].flatMap((held) => [...held.tenants.values()]),
		identities: () => [...regions.values()].flatMap((held) => [...held.identities.values()]),
		service: {
			name: "sesv2",

			route(request, requestId) {
				const caller = accounts.authenticate(request.headers, clock.now());
				const { operation, input } = understand(request);
				return {
					operation,
					input,
					account: caller.account,
					async run() {
						throttle.take(`${operation} ${caller.account} ${caller.region}`);
						const context = { ses: region(caller.account, caller.region), now: clock.now(), lookup };
						const output = await operations[operation](input, context);
						return { status: 200, headers: headers(requestId), body: JSON.stringify(output) };
					},
				};
			},

			renderError(error, requestId) {
				const name = authenticationErrors[error.code] ?? error.code;
				return {
					status: error.status,
					headers: { ...headers(requestId), "x-amzn-errortype": name },
					body: JSON.stringify({ message: error.message }),
					error: name,
				};
			},
		},
	};
}

function headers(requestId: string): Record<string, string> {
	return { "content-type": "application/json", "x-amzn-requestid": requestId };
}

function understand(request: HttpRequest): { operation: OperationName; input: Record<string, unknown> } {
	for (const { method, path, operation } of routes) {
		const match = path.exec(request.path);
		if (!match || method !== request.method) continue;
		return { operation, input: { ...readQuery(request), ...readPath(match), ...readBody(request) } };
	}
	throw new ServiceError(
		404,
		"UnknownOperationException",
		`${request.method} ${request.path} is no operation.`,
	);
}

function readPath(match: RegExpExecArray): Record<string, string> {
	return Object.fromEntries(
		Object.entries(match.groups ?? {}).map(([name, text]) => [name, decodeURIComponent(text)]),
	);
}

function readQuery({ query }: HttpRequest): Record<string, unknown> {
	const single = Object.fromEntries(query);
	return query.has("TagKeys") ? { ...single, TagKeys: query.getAll("TagKeys") } : single;
}

function readBody({ body }: HttpRequest): Record<string, unknown> {
	if (body === "") return {};
	try {
		const value: unknown = JSON.parse(body);
		if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
	} catch {
		// Falls through to the refusal: what cannot be parsed is refused like what is no object.
	}
	throw new ServiceError(400, "SerializationException", "The body is not a JSON object.");
}
