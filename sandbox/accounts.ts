import { randomBytes } from "node:crypto";
import { ServiceError } from "./errors.js";

/** An AWS account of the sandbox with one long-lived access key. */
export interface Account {
	/** Twelve digits. */
	readonly id: string;
	readonly accessKeyId: string;
	readonly secretAccessKey: string;
}

/** A role that callers of other accounts may assume. */
export interface Role {
	/** `arn:aws:iam::<account>:role/<name>` */
	readonly arn: string;
	/** What AssumeRole must send as ExternalId; by default nothing is asked for. */
	readonly externalId?: string;
	/** Accounts that may assume it. Default: all. */
	readonly trustedAccounts?: readonly string[];
	/** Whose bearer may assume it by AssumeRoleWithWebIdentity. Default: nobody. */
	readonly webIdentityToken?: string;
}

/** Who signed a request. */
export interface Caller {
	readonly account: string;
	readonly accessKeyId: string;
	/** The user's or the assumed role's ARN. */
	readonly arn: string;
	/** Region of the signature's credential scope. */
	readonly region: string;
}

export interface SessionCredentials {
	readonly accessKeyId: string;
	readonly secretAccessKey: string;
	readonly sessionToken: string;
	readonly expiresAt: number;
	readonly arn: string;
}

/** The account with this twelve-digit id, with access keys derived from it. */
export function sandboxAccount(id: string): Account {
	return { id, accessKeyId: `AKIASBOX${id}`, secretAccessKey: `sandbox-secret-access-key-${id}` };
}

export const defaultAccount = sandboxAccount("000000000000");

const credential =
	/^AWS4-HMAC-SHA256 .*?Credential=(?<key>[^/,\s]+)\/\d{8}\/(?<region>[^/,\s]+)\/[^/,\s]+\/aws4_request/;

/** Access keys, the accounts behind them, and the roles that can be assumed. */
export class Accounts {
	readonly #byKey = new Map<string, { account: string; arn: string; session?: SessionCredentials }>();
	readonly #roles = new Map<string, Role>();

	constructor(accounts: readonly Account[] = [], roles: readonly Role[] = []) {
		for (const account of [defaultAccount, ...accounts]) this.add(account);
		for (const role of roles) this.addRole(role);
	}

	add(account: Account): void {
		if (!/^\d{12}$/.test(account.id)) throw new Error(`an AWS account id is 12 digits, not "${account.id}"`);
		this.#byKey.set(account.accessKeyId, {
			account: account.id,
			arn: `arn:aws:iam::${account.id}:user/sandbox`,
		});
	}

	addRole(role: Role): void {
		if (!/^arn:aws:iam::\d{12}:role\/\S+$/.test(role.arn))
			throw new Error(`not the ARN of a role: "${role.arn}"`);
		this.#roles.set(role.arn, role);
	}

	role(arn: string): Role | undefined {
		return this.#roles.get(arn);
	}

	/** Temporary credentials that act in the role's account. */
	openSession(role: Role, sessionName: string, expiresAt: number): SessionCredentials {
		const account = role.arn.split(":")[4] ?? "";
		const roleName = role.arn.slice(role.arn.lastIndexOf("/") + 1);
		const session: SessionCredentials = {
			accessKeyId: `ASIA${randomBytes(8).toString("hex").toUpperCase()}`,
			secretAccessKey: randomBytes(30).toString("base64"),
			sessionToken: randomBytes(90).toString("base64"),
			expiresAt,
			arn: `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}`,
		};
		this.#byKey.set(session.accessKeyId, { account, arn: session.arn, session });
		return session;
	}

	/** Ends a session before its time, as a test's clock does not reach it. */
	expire(accessKeyId: string): void {
		const known = this.#byKey.get(accessKeyId);
		if (!known?.session) throw new Error(`"${accessKeyId}" is no key of a session`);
		this.#byKey.set(accessKeyId, { ...known, session: { ...known.session, expiresAt: 0 } });
	}

	/**
	 * The caller by the access key in a SigV4 `Authorization` header. The signature itself is not checked.
	 * @throws ServiceError 403 as AWS answers it: no header, unknown key, or a session that is wrong or over.
	 */
	authenticate(headers: Readonly<Record<string, string | undefined>>, now: number): Caller {
		const authorization = headers.authorization;
		if (!authorization)
			throw new ServiceError(403, "MissingAuthenticationToken", "Missing Authentication Token");
		const { key, region } = credential.exec(authorization)?.groups ?? {};
		if (!key || !region) {
			throw new ServiceError(
				403,
				"IncompleteSignature",
				"Authorization header requires 'Credential' parameter of an AWS4-HMAC-SHA256 signature.",
			);
		}
		const known = this.#byKey.get(key);
		if (!known || (known.session && headers["x-amz-security-token"] !== known.session.sessionToken)) {
			throw new ServiceError(
				403,
				"InvalidClientTokenId",
				"The security token included in the request is invalid.",
			);
		}
		if (known.session && known.session.expiresAt <= now) {
			throw new ServiceError(403, "ExpiredToken", "The security token included in the request is expired");
		}
		return { account: known.account, accessKeyId: key, arn: known.arn, region };
	}
}
