import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import type { SesSetupDetailResponse, SesSetupListItemResponse } from "pulumi-channels/sdk";
import { diagnosisOf, type Remedies } from "pulumi-channels/ses";
import type { Setup } from "../../database/setups.js";
import { notFound } from "../../setups/errors.js";
import type { Finding } from "../../setups/verification.js";
import type { AppEnv } from "../app-env.js";
import type { AppParts } from "../app-parts.js";
import * as schemas from "../schemas.js";
import {
	bodyRefusals,
	empty,
	inheritHook,
	isoTime,
	json,
	pageOf,
	readBody,
	refusalsAnd,
	upstreamFailures,
} from "./common.js";

const collection = "/v1/{workspace_id}/channels/ses-setup";
const item = `${collection}/{setup_id}`;
const tags = ["Channels"];

export function sesSetupRoutes({
	authorize,
	bodyBytes,
	limitChanges,
	obstacles,
	provisioning,
	setups,
	verification,
}: AppParts): OpenAPIHono<AppEnv> {
	const create = createRoute({
		method: "post",
		path: collection,
		operationId: "create-ses-setup",
		tags,
		middleware: [authorize("Channel.create"), readBody(bodyBytes), limitChanges],
		request: {
			params: schemas.WorkspacePath,
			headers: schemas.CreateHeaders,
			body: { required: true, content: { "application/json": { schema: schemas.CreateSesSetupRequest } } },
		},
		responses: refusalsAnd({
			201: json(schemas.SesSetupDetailResponse, "Successful Response"),
			409: empty("Tenant name or domain identity already exists upstream."),
			422: empty("Invalid SES setup configuration."),
			...bodyRefusals,
			...upstreamFailures,
		}),
	});

	const list = createRoute({
		method: "get",
		path: collection,
		operationId: "list-ses-setups",
		tags,
		middleware: [authorize("Channel.view")],
		request: { params: schemas.WorkspacePath, query: schemas.PageQuery },
		responses: refusalsAnd({
			200: json(schemas.SesSetupPage, "Successful Response"),
		}),
	});

	// A look is a GET, which many may share; pressing "verify now" is a POST with a look of its own.
	const show = {
		tags,
		middleware: [authorize("Channel.view")],
		request: { params: schemas.SetupPath },
		responses: refusalsAnd({
			200: json(schemas.SesSetupDetailResponse, "Successful Response"),
			404: empty("SES setup not found in this workspace."),
		}),
	};
	const get = createRoute({ ...show, method: "get", path: item, operationId: "get-ses-setup" });
	const verify = createRoute({
		...show,
		method: "post",
		path: `${item}/verify`,
		operationId: "verify-ses-setup-dns",
	});

	const remove = createRoute({
		method: "delete",
		path: item,
		operationId: "delete-ses-setup",
		tags,
		middleware: [authorize("Channel.delete"), limitChanges],
		request: { params: schemas.SetupPath },
		responses: refusalsAnd({
			204: empty("Successful Response"),
			404: empty("SES setup not found in this workspace."),
			409: empty("Setup still referenced by live use cases, or its identity by tenants it did not make."),
			...upstreamFailures,
		}),
	});

	// Not among the vendor's: their models have no place for why a record is not verified.
	const diagnose = createRoute({
		...show,
		method: "get",
		path: `${item}/diagnosis`,
		operationId: "diagnose-ses-setup",
		responses: refusalsAnd({
			200: json(schemas.DiagnosisResponse, "What each name server, and SES, says of the setup now."),
			404: empty("SES setup not found in this workspace."),
		}),
	});

	async function checked(
		look: "check" | "shared",
		{ workspace_id, setup_id }: { workspace_id: string; setup_id: string },
	): Promise<Finding> {
		const setup = await setups.find(workspace_id, setup_id);
		const finding = setup && (await verification[look](setup));
		if (!finding) throw notFound("setup-not-found", "SES setup");
		return finding;
	}

	return new OpenAPIHono<AppEnv>(inheritHook)
		.openapi(create, async (context) => {
			const { workspace_id } = context.req.valid("param");
			const { "Idempotency-Key": key } = context.req.valid("header");
			const setup = await provisioning.create(workspace_id, context.req.valid("json"), key);
			return context.json(toDetail(setup), 201);
		})
		.openapi(list, async (context) => {
			const { workspace_id } = context.req.valid("param");
			const { limit, continuation_token } = context.req.valid("query");
			// One more than asked for tells whether there is a next page.
			const found = await setups.page(workspace_id, continuation_token, limit + 1);
			return context.json(pageOf(found, limit, toListItem), 200);
		})
		.openapi(get, async (context) => {
			const { setup } = await checked("shared", context.req.valid("param"));
			return context.json(toDetail(setup), 200);
		})
		.openapi(verify, async (context) => {
			const { setup } = await checked("check", context.req.valid("param"));
			return context.json(toDetail(setup), 200);
		})
		.openapi(diagnose, async (context) => {
			const finding = await checked("shared", context.req.valid("param"));
			const { setup, checks, ses: word } = finding;
			const checkedAt = toDetail(setup).dns_checked_at;
			const found = { setup, checkedAt, checks, word, obstacles: await obstacles.of(setup) };
			return context.json(diagnosisOf(found, remedies), 200);
		})
		.openapi(remove, async (context) => {
			const { workspace_id, setup_id } = context.req.valid("param");
			await provisioning.delete(workspace_id, setup_id);
			return context.body(null, 204);
		});
}

/** Against what others have changed in SES. */
const remedies: Remedies = {
	anew: "Delete the setup and create it anew.",
	lookAgain: (when) => `It is told to look again ${when}; that may take some minutes.`,
	setMailFrom: ({ id }) => `Whoever runs the service sets it again: channels-api mail-from --setup ${id}`,
};

function toDetail(setup: Setup): SesSetupDetailResponse {
	return {
		id: setup.id,
		tenant_name: setup.tenantName,
		domain_identity: setup.domain,
		dns_checked_at: setup.dnsCheckedAt === null ? null : isoTime(setup.dnsCheckedAt),
		dns_records: setup.dnsRecords,
		created_at: isoTime(setup.createdAt),
		updated_at: isoTime(setup.updatedAt),
	};
}

function toListItem(setup: Setup): SesSetupListItemResponse {
	const { dns_records, ...shared } = toDetail(setup);
	return { ...shared, dns_verified: dns_records.every((record) => record.verified) };
}
