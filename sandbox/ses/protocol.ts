import { ServiceError } from "../errors.js";
import type { HttpRequest, HttpResponse } from "../http.js";
import type { Clock } from "../server-clock.js";
import { signatureTime } from "../signature-date.js";
import type { OperationName } from "./ses-operations.js";

/* SESv2's REST-JSON: which operation a request stands for, and what answers look like. */

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
	{
		method: "PUT",
		path: /^\/v2\/email\/identities\/(?<EmailIdentity>[^/]+)\/mail-from$/,
		operation: "PutEmailIdentityMailFromAttributes",
	},
	{
		method: "PUT",
		path: /^\/v2\/email\/identities\/(?<EmailIdentity>[^/]+)\/configuration-set$/,
		operation: "PutEmailIdentityConfigurationSetAttributes",
	},
	post("/v2/email/configuration-sets", "CreateConfigurationSet"),
	{
		method: "GET",
		path: /^\/v2\/email\/configuration-sets\/(?<ConfigurationSetName>[^/]+)$/,
		operation: "GetConfigurationSet",
	},
	{
		method: "DELETE",
		path: /^\/v2\/email\/configuration-sets\/(?<ConfigurationSetName>[^/]+)$/,
		operation: "DeleteConfigurationSet",
	},
	{ method: "GET", path: /^\/v2\/email\/account$/, operation: "GetAccount" },
	post("/v2/email/tags", "TagResource"),
	{ method: "DELETE", path: /^\/v2\/email\/tags$/, operation: "UntagResource" },
	{ method: "GET", path: /^\/v2\/email\/tags$/, operation: "ListTagsForResource" },
];

function post(path: string, operation: OperationName): Route {
	return { method: "POST", path: new RegExp(`^${path}$`), operation };
}

/** The names under which REST-JSON services report what {@link Accounts} and {@link refuseSkewed} refuse. */
const authenticationErrors: Readonly<Record<string, string>> = {
	MissingAuthenticationToken: "MissingAuthenticationTokenException",
	IncompleteSignature: "IncompleteSignatureException",
	InvalidClientTokenId: "UnrecognizedClientException",
	ExpiredToken: "ExpiredTokenException",
	SignatureDoesNotMatch: "InvalidSignatureException",
};

export function headers(requestId: string, clock: Clock): Record<string, string> {
	const date = new Date(signatureTime(clock)).toUTCString();
	return { "content-type": "application/json", "x-amzn-requestid": requestId, date };
}

/** An error as SES answers it: its name stands in a header. */
export function renderError(error: ServiceError, requestId: string, clock: Clock): HttpResponse {
	const name = authenticationErrors[error.code] ?? error.code;
	return {
		status: error.status,
		headers: { ...headers(requestId, clock), "x-amzn-errortype": name },
		body: JSON.stringify({ message: error.message }),
		error: name,
	};
}

/**
 * The operation, and its input whether that is written into the path, the query or the body.
 * @throws ServiceError UnknownOperationException, SerializationException
 */
export function understand(request: HttpRequest): {
	operation: OperationName;
	input: Record<string, unknown>;
} {
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
