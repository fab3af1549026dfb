import { awsForms, formProblem } from "../../arguments/aws-forms.js";
import { nearest } from "./aws-names.js";

/** A role, and what the session in it is to be; the fields of STS's AssumeRole that the AWS provider passes on. */
export interface AssumeRole {
	roleArn: string;
	externalId?: string;
	sessionName?: string;
	durationSeconds?: number;
	policy?: string;
	policyArns?: string[];
	sourceIdentity?: string;
	tags?: { [key: string]: string };
	transitiveTagKeys?: string[];
}

/** A role for whoever has a token of an identity provider: one of `token` and `tokenFile`. */
export interface WebIdentityRole
	extends Pick<AssumeRole, "roleArn" | "sessionName" | "durationSeconds" | "policy" | "policyArns"> {
	token?: string;
	tokenFile?: string;
}

/** Told of each thing that is wrong, with a reason that follows the setting's name and never quotes a secret. */
export type Complain = (setting: string, reason: string) => void;

/** What a field holds; undefined where it is no such thing. */
type Reader = { read(value: unknown): unknown; form: string };

const text: Reader = { read: (value) => (typeof value === "string" ? value : undefined), form: "a text" };
const texts: Reader = {
	read: (value) =>
		Array.isArray(value) && value.every((each) => typeof each === "string") ? value : undefined,
	form: "a list of texts",
};
const tags: Reader = {
	read: (value) =>
		isObject(value) && Object.values(value).every((each) => typeof each === "string") ? value : undefined,
	form: "an object of texts",
};
const seconds: Reader = {
	read: (value) => (typeof value === "string" ? durationSeconds(value) : undefined),
	form: 'a duration from 15 minutes to 12 hours such as "1h30m"',
};

/** `ProviderAssumeRole` and `ProviderAssumeRoleWithWebIdentity` of @pulumi/aws. */
const session = { roleArn: text, sessionName: text, duration: seconds, policy: text, policyArns: texts };
const roleFields = {
	...session,
	externalId: text,
	sourceIdentity: text,
	tags,
	transitiveTagKeys: texts,
};
const webIdentityFields = { ...session, webIdentityToken: text, webIdentityTokenFile: text };

export function readRole(setting: string, value: unknown, complain: Complain): AssumeRole {
	const { duration, ...fields } = readFields(setting, value, roleFields, complain);
	return { ...fields, ...(duration !== undefined && { durationSeconds: duration }) } as unknown as AssumeRole;
}

export function readWebIdentity(setting: string, value: unknown, complain: Complain): WebIdentityRole {
	const { duration, webIdentityToken, webIdentityTokenFile, ...fields } = readFields(
		setting,
		value,
		webIdentityFields,
		complain,
	);
	if ((webIdentityToken === undefined) === (webIdentityTokenFile === undefined)) {
		complain(setting, "needs webIdentityToken or webIdentityTokenFile, and not both.");
	}
	return {
		...fields,
		...(duration !== undefined && { durationSeconds: duration }),
		...(webIdentityToken !== undefined && { token: webIdentityToken }),
		...(webIdentityTokenFile !== undefined && { tokenFile: webIdentityTokenFile }),
	} as unknown as WebIdentityRole;
}

function readFields<Field extends string>(
	setting: string,
	value: unknown,
	readers: Record<Field, Reader>,
	complain: Complain,
): { [Name in Field]?: unknown } {
	const given = isObject(value) ? value : {};
	const known = Object.keys(readers) as Field[];
	for (const name of Object.keys(given)) {
		if (known.some((each) => each === name)) continue;
		// That of older versions of the AWS provider.
		const meant = name === "durationSeconds" ? "duration" : nearest(name, known);
		const hint = meant ? `use ${meant}` : `it has ${known.join(", ")}`;
		complain(`${setting}.${name}`, `is no field of it; ${hint}.`);
	}
	const found: { [Name in Field]?: unknown } = {};
	for (const name of known) {
		const raw = given[name];
		if (raw === undefined || raw === null || raw === "") continue;
		const read = readers[name].read(raw);
		if (read === undefined) complain(`${setting}.${name}`, `must be ${readers[name].form}.`);
		else found[name] = read;
	}
	const { roleArn } = found as { roleArn?: string };
	if (given.roleArn === undefined || given.roleArn === "") {
		complain(`${setting}.roleArn`, "is missing; give the ARN of a role.");
	} else if (roleArn !== undefined) {
		const problem = formProblem(awsForms.roleArn, roleArn);
		if (problem) complain(`${setting}.roleArn`, `${problem}.`);
	}
	return found;
}

const secondsOf = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 } as const;

/** A duration as Go spells it (`time.ParseDuration`), within the limits of AssumeRole. */
function durationSeconds(duration: string): number | undefined {
	if (!/^(\d+(\.\d+)?(h|m|s|ms|us|µs|ns))+$/.test(duration)) return undefined;
	const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ms|us|µs|ns|h|m|s)/g)];
	const total = Math.round(
		parts.reduce(
			(sum, [, count, unit]) => sum + Number(count) * secondsOf[unit as keyof typeof secondsOf],
			0,
		),
	);
	return total >= 900 && total <= 43_200 ? total : undefined;
}

export const isObject = (value: unknown): value is { [key: string]: unknown } =>
	typeof value === "object" && value !== null && !Array.isArray(value);
