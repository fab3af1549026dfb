import type { Accounts, Caller } from "../accounts.js";
import type { Clock } from "../clock.js";
import { ServiceError } from "../errors.js";
import type { Call, HttpRequest, HttpResponse, HttpService } from "../http.js";
import { toXml, type XmlElements } from "../xml.js";

const namespace = "https://sts.amazonaws.com/doc/2011-06-15/";

/** AWS STS (query protocol): AssumeRole and GetCallerIdentity. */
export function stsService({ accounts, clock }: { accounts: Accounts; clock: Clock }): HttpService {
	return {
		name: "sts",
		route(request, requestId) {
			const caller = accounts.authenticate(request.headers, clock.now());
			const input = parameters(request);
			const operation = input.Action ?? "";
			const run = (): HttpResponse => {
				switch (operation) {
					case "GetCallerIdentity":
						return ok(operation, callerIdentity(caller), requestId);
					case "AssumeRole":
						return ok(operation, assumeRole(input, caller, accounts, clock.now()), requestId);
					default:
						throw new ServiceError(
							400,
							"InvalidAction",
							`Could not find operation ${operation} for version 2011-06-15`,
						);
				}
			};
			return { operation, input, account: caller.account, run } satisfies Call;
		},
		renderError: (error, requestId) => ({
			status: error.status,
			headers: { "content-type": "text/xml", "x-amzn-requestid": requestId },
			body: toXml("ErrorResponse", namespace, {
				Error: { Type: error.status < 500 ? "Sender" : "Receiver", Code: error.code, Message: error.message },
				RequestId: requestId,
			}),
			error: error.code,
		}),
	};
}

function parameters(request: HttpRequest): Record<string, string | undefined> {
	return { ...Object.fromEntries(request.query), ...Object.fromEntries(new URLSearchParams(request.body)) };
}

function ok(operation: string, result: XmlElements, requestId: string): HttpResponse {
	return {
		status: 200,
		headers: { "content-type": "text/xml", "x-amzn-requestid": requestId },
		body: toXml(`${operation}Response`, namespace, {
			[`${operation}Result`]: result,
			ResponseMetadata: { RequestId: requestId },
		}),
	};
}

function callerIdentity(caller: Caller): XmlElements {
	return { UserId: caller.accessKeyId, Account: caller.account, Arn: caller.arn };
}

/** Limits and defaults: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
function assumeRole(
	input: Record<string, string | undefined>,
	caller: Caller,
	accounts: Accounts,
	now: number,
): XmlElements {
	const { RoleArn = "", RoleSessionName = "", ExternalId, DurationSeconds = "3600" } = input;
	const seconds = Number(DurationSeconds);
	if (!/^[\w+=,.@-]{2,64}$/.test(RoleSessionName))
		throw invalid("roleSessionName", RoleSessionName, "[\\w+=,.@-]*");
	if (!Number.isInteger(seconds) || seconds < 900 || seconds > 43_200) {
		throw invalid("durationSeconds", DurationSeconds, "a number from 900 to 43200");
	}
	const role = accounts.role(RoleArn);
	const trusted = role && (role.trustedAccounts?.includes(caller.account) ?? true);
	// AWS gives one answer for a role that is missing, that does not trust the caller, or that wants another external id.
	if (!role || !trusted || (role.externalId !== undefined && role.externalId !== ExternalId)) {
		throw new ServiceError(
			403,
			"AccessDenied",
			`User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
		);
	}
	const session = accounts.openSession(role, RoleSessionName, now + seconds * 1000);
	return {
		AssumedRoleUser: { AssumedRoleId: `AROASANDBOX:${RoleSessionName}`, Arn: session.arn },
		Credentials: {
			AccessKeyId: session.accessKeyId,
			SecretAccessKey: session.secretAccessKey,
			SessionToken: session.sessionToken,
			Expiration: new Date(session.expiresAt).toISOString(),
		},
	};
}

function invalid(field: string, value: string, pattern: string): ServiceError {
	return new ServiceError(
		400,
		"ValidationError",
		`1 validation error detected: Value '${value}' at '${field}' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern}`,
	);
}
