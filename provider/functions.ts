import * as pulumi from "@pulumi/pulumi";
import type { SesSetupListItemResponse } from "../sdk/contract.js";
import { nodeProblem } from "../sdk/node-version.js";
import type { Channels } from "./core/channels/channels.js";
import { type ErrorCode, withCode } from "./core/error-codes.js";
import type { Operation } from "./core/operation.js";
import { holdsFor } from "./core/settings/inherited.js";
import { codeOfSettings, inWords, readSettings } from "./core/settings/settings.js";
import { underMocks } from "./mocks.js";
import type { CheckedDnsRecord } from "./shapes.js";

/** As mocks of unit tests know the functions; no engine is asked for them. */
const functionTokens = {
	getSesSetup: "channels:index:getSesSetup",
	getSesSetups: "channels:index:getSesSetups",
} as const;

/** Whose setups to read, where it is not the account of the stack's configuration. What is left out is the stack's. */
export interface Account {
	/** `"remote"` or `"embedded"`. Default `channels:api`, then `CHANNELS_API`, then `"remote"`. */
	api?: "remote" | "embedded";
	/** Default `channels:apiKey`, then `CHANNELS_API_KEY`. */
	apiKey?: string;
	/** UUID. Default `channels:workspaceId`, then `CHANNELS_WORKSPACE_ID`. */
	workspaceId?: string;
	/** Default `channels:baseUrl`, then `CHANNELS_BASE_URL`, then the hosted API. */
	baseUrl?: string;
	/** Region of Amazon SES. Default `channels:sesRegion`, then `aws:region`, then the AWS environment. */
	sesRegion?: string;
	/**
	 * Profile of the shared AWS configuration. Default `channels:sesProfile`, then the stack's `aws:*`. Where this,
	 * `sesRoleArn` or `sesExternalId` is given, the stack's settings of these three do not count.
	 */
	sesProfile?: string;
	/** IAM role to assume, with the credentials that the profile or the stack's `aws:*` settings lead to. */
	sesRoleArn?: string;
	/** External id for that role. */
	sesExternalId?: string;
}

/** {@link Account}, and by what a setup is found beside its id. */
export interface SesSetupQuery extends Account {
	/**
	 * Its domain. The embedded API finds it by that at once; without it every tenant of Amazon SES is asked, one a second.
	 * Another API needs the id alone.
	 */
	domainIdentity?: string;
}

/** {@link SesSetupQuery}, each field of which may be an output. */
export type SesSetupQueryArgs = {
	[Key in keyof SesSetupQuery]: pulumi.Input<NonNullable<SesSetupQuery[Key]>>;
};

/** {@link Account}, each field of which may be an output. */
export type AccountArgs = { [Key in keyof Account]: pulumi.Input<NonNullable<Account[Key]>> };

/** A setup of the workspace, as the list has it. */
export interface SesSetupSummary {
	/** UUID. */
	id: string;
	/** Name of the e-mail tenant. */
	tenantName: string;
	/** The domain. */
	domainIdentity: string;
	/** UUID. */
	workspaceId: string;
	/** Whether every record was verified when the API last looked. */
	verified: boolean;
	/** When that was, ISO 8601; undefined if it never did. */
	checkedAt: string | undefined;
	/** ISO 8601. */
	createdAt: string;
}

/** A setup with its records, checked live. */
export interface SesSetupDetails extends SesSetupSummary {
	/** Its five records, and which of them are verified. */
	dnsRecords: CheckedDnsRecord[];
}

/**
 * Reads a setup that is managed elsewhere, live, while the program runs: also in a preview. Unlike
 * `SesSetup.get` it leaves nothing in the state and tells what is verified. In a unit test it is the mocks' `call`
 * with the token `channels:index:getSesSetup` and the input `id`.
 *
 * @param id UUID of the setup.
 * @param account whose setups to read, and by which domain the embedded API finds it.
 * @throws pulumi.RunError when the workspace has no such setup, or a setting is missing or wrong; else the
 * errors of `pulumi-channels/sdk`.
 */
export async function getSesSetup(id: string, account: SesSetupQuery = {}): Promise<SesSetupDetails> {
	if (underMocks()) return pulumi.runtime.invoke(functionTokens.getSesSetup, { id });
	const { domainIdentity: domain, ...whose } = account;
	return withChannels(whose, async (channels, operation) => {
		const setup = await channels.read(operation, { id, ...(domain !== undefined && { domain }) });
		const { workspaceId, account, region } = await channels.home(operation);
		if (setup === undefined) {
			const where =
				account === undefined ? `workspace ${workspaceId}` : `Amazon SES of account ${account} in ${region}`;
			throw new pulumi.RunError(
				withCode(
					`getSesSetup: ${where} has no setup ${JSON.stringify(id)}. getSesSetups lists what it has.`,
					"setup-not-found",
				),
			);
		}
		const dnsRecords = setup.dns_records.map(({ address, type, record, verified }) => ({
			address,
			type,
			record,
			verified,
		}));
		const verified = dnsRecords.every((record) => record.verified);
		return { ...summary(workspaceId, { ...setup, dns_verified: verified }), dnsRecords };
	});
}

/**
 * Lists the setups of the workspace, by domain, while the program runs. `verified` is as of the API's last
 * look at each; `getSesSetup` looks anew. The embedded API keeps no looks, so there it is false, and it asks Amazon SES for
 * each tenant and each domain, one of each a second. In a unit test it is the mocks' `call` with the token
 * `channels:index:getSesSetups`, whose result has them in `setups`.
 *
 * @throws pulumi.RunError when a setting is missing or wrong; else the errors of `pulumi-channels/sdk`.
 */
export async function getSesSetups(account: Account = {}): Promise<SesSetupSummary[]> {
	if (underMocks()) {
		const { setups = [] } = await pulumi.runtime.invoke(functionTokens.getSesSetups, {});
		return setups;
	}
	return withChannels(account, async (channels, operation) => {
		const { workspaceId } = await channels.home(operation);
		const setups: SesSetupSummary[] = [];
		for await (const item of channels.list(operation)) setups.push(summary(workspaceId, item));
		return setups.sort((a, b) => (a.domainIdentity < b.domainIdentity ? -1 : 1));
	});
}

/** {@link getSesSetup} for an id, or an account, that is an output. Not called while it is unknown. */
export function getSesSetupOutput(
	id: pulumi.Input<string>,
	account: SesSetupQueryArgs = {},
): pulumi.Output<SesSetupDetails> {
	return pulumi.all([id, plain(account)]).apply(([id, account]) => getSesSetup(id, account));
}

/** {@link getSesSetups} for an account that is made of outputs. Not called while one is unknown. */
export function getSesSetupsOutput(account: AccountArgs = {}): pulumi.Output<SesSetupSummary[]> {
	return plain(account).apply((account) => getSesSetups(account));
}

/** What is read holds nothing of the key, so that the key's secrecy need not spread to it. */
const plain = <Of extends AccountArgs>(account: Of): pulumi.Output<pulumi.Unwrap<Of>> =>
	pulumi.unsecret(pulumi.output(account));

type Runtime = typeof import("pulumi-channels/runtime");
type Read<T> = (channels: Channels, operation: Operation) => Promise<T>;

async function withChannels<T>(account: Account, read: Read<T>): Promise<T> {
	const unfit = nodeProblem();
	if (unfit !== undefined) throw new pulumi.RunError(withCode(unfit, "node-too-old"));
	const config = configOf(account);
	const env = (key: string) => process.env[key];
	const found = readSettings((key) => config[key], env, Object.keys(config));
	if ("problems" in found) {
		const message = found.problems.map(inWords).join("\n");
		throw new pulumi.RunError(withCode(message, codeOfSettings(found.problems)));
	}
	// Loaded when called: a program that reads nothing pays nothing for the HTTP client.
	const { reading } = require("pulumi-channels/runtime") as Runtime;
	try {
		return await reading(found.settings, env, read);
	} catch (error) {
		if (!pulumi.RunError.isInstance(error)) showCode(error as Error);
		throw error;
	}
}

/** The stack's configuration, with what the account has of its own in its place. */
function configOf(account: Account): Record<string, string> {
	const own = Object.entries(account).filter((entry): entry is [string, string] => entry[1] !== undefined);
	const stack = Object.entries(pulumi.runtime.allConfig()).filter(([key]) =>
		holdsFor({ ...account }, account.api, key),
	);
	return Object.fromEntries([...stack, ...own.map(([name, value]) => [`channels:${name}`, value])]);
}

/** Pulumi shows the stack of what a program does not catch, which begins with the message. */
function showCode(error: { message?: string; stack?: string; code?: unknown }): void {
	const { message, stack, code } = error;
	if (message === undefined || typeof code !== "string") return;
	const told = withCode(message, code as ErrorCode);
	error.message = told;
	if (stack !== undefined) error.stack = stack.replace(message, () => told);
}

function summary(workspaceId: string, setup: SesSetupListItemResponse): SesSetupSummary {
	return {
		id: setup.id,
		tenantName: setup.tenant_name,
		domainIdentity: setup.domain_identity,
		workspaceId,
		verified: setup.dns_verified,
		checkedAt: setup.dns_checked_at ?? undefined,
		createdAt: setup.created_at,
	};
}
