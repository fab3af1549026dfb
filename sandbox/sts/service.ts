import type { Accounts, Caller, Role } from "../accounts.js";
import { ServiceError } from "../errors.js";
import type { Call, HttpRequest, HttpResponse, HttpService } from "../http.js";
import type { Clock } from "../server-clock.js";
import { refuseSkewed, signatureTime } from "../signature-date.js";
import { toXml, type XmlElements } from "../xml.js";

const namespace = "https://sts.amazonaws.com/doc/2011-06-15/";

/** AWS STS (query protocol): AssumeRole, AssumeRoleWithWebIdentity and GetCallerIdentity. */
export function stsService({ accounts, clock }: { accounts: Accounts; clock: Clock }): HttpService {
	return {
		name: "sts",
		route(request, requestId) {
			const input = parameters(request);
			const operation = input.Action ?? "";
			const date = new Date(signatureTime(clock)).toUTCString();
			const ok = (result: XmlElements): HttpResponse => ({
				status: 200,
				headers: { "content-type": "text/xml", "x-amzn-requestid": requestId, date },
				body: toXml(`${operation}Response`, namespace, {
					[`${operation}Result`]: result,
					ResponseMetadata: { RequestId: requestId },
				}),
			});
			// Whoever has a token needs no keys: this one call is not signed.
			if (operation === "AssumeRoleWithWebIdentity") {
				const run = () => ok(assumeRoleWithWebIdentity(input, accounts, clock.now()));
				return { operation, input, run } satisfies Call;
			}
			refuseSkewed(request.headers, clock);
			const caller = accounts.authenticate(request.headers, clock.now());
			const run = (): HttpResponse => {
				switch (operation) {
					case "GetCallerIdentity":
						return ok(callerIdentity(caller));
					case "AssumeRole":
						return ok(assumeRole(input, caller, accounts, clock.now()));
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
			headers: {
				"content-type": "text/xml",
				"x-amzn-requestid": requestId,
				date: new Date(signatureTime(clock)).toUTCString(),
			},
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
	const { RoleArn = "", ExternalId } = input;
	const open = session(input, accounts, now);
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
	return open(role);
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
function assumeRoleWithWebIdentity(
	input: Record<string, string | undefined>,
	accounts: Accounts,
	now: number,
): XmlElements {
	const { RoleArn = "", WebIdentityToken } = input;
	const open = session(input, accounts, now);
	const role = accounts.role(RoleArn);
	if (!role?.webIdentityToken || role.webIdentityToken !== WebIdentityToken) {
		throw new ServiceError(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity");
	}
	return open(role);
}

/** Checks what the session is to be, and opens it in a role. */
function session(
	{ RoleSessionName = "", DurationSeconds = "3600" }: Record<string, string | undefined>,
	accounts: Accounts,
	now: number,
): (role: Role) => XmlElements {
	const seconds = Number(DurationSeconds);
	if (!/^[\w+=,.@-]{2,64}$/.test(RoleSessionName))
		throw invalid("roleSessionName", RoleSessionName, "[\\w+=,.@-]*");
	if (!Number.isInteger(seconds) || seconds < 900 || seconds > 43_200) {
		throw invalid("durationSeconds", DurationSeconds, "a number from 900 to 43200");
	}
	return (role) => {
		const opened = accounts.openSession(role, RoleSessionName, now + seconds * 1000);
		return {
			AssumedRoleUser: { AssumedRoleId: `AROASANDBOX:${RoleSessionName}`, Arn: opened.arn },
			Credentials: {
				AccessKeyId: opened.accessKeyId,
				SecretAccessKey: opened.secretAccessKey,
				SessionToken: opened.sessionToken,
				Expiration: new Date(opened.expiresAt).toISOString(),
			},
		};
	};
}

function invalid(field: string, value: string, pattern: string): ServiceError {
	return new ServiceError(
		400,
		"ValidationError",
		`1 validation error detected: Value '${value}' at '${field}' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern}`,
	);
}
