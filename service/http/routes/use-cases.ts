import { randomUUID } from "node:crypto";
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import type { UseCaseResponse } from "pulumi-channels/sdk";
import type { UseCase } from "../../database/use-cases.js";
import { conflict, invalid, notFound } from "../../setups/errors.js";
import { sendsFor } from "../../setups/senders.js";
import type { AppEnv } from "../app-env.js";
import type { AppParts } from "../app-parts.js";
import * as schemas from "../schemas.js";
import { bodyRefusals, empty, inheritHook, isoTime, json, pageOf, readBody, refusalsAnd } from "./common.js";

const collection = "/v1/{workspace_id}/use-cases";
const tags = ["Use Cases"];

/** How many use cases are listed at once to who does not ask for pages. */
const wholeList = 1_000;

/** Use cases refer to setups, and only that: no mail is sent here. E-mail alone is served. */
export function useCaseRoutes({ authorize, bodyBytes, setups, useCases }: AppParts): OpenAPIHono<AppEnv> {
	const create = createRoute({
		method: "post",
		path: collection,
		operationId: "create-use-case",
		tags,
		middleware: [authorize("Channel.create"), readBody(bodyBytes)],
		request: {
			params: schemas.WorkspacePath,
			body: { required: true, content: { "application/json": { schema: schemas.EmailUseCaseRequest } } },
		},
		responses: refusalsAnd({
			201: json(schemas.UseCaseResponse, "Successful Response"),
			404: empty("Setup not found."),
			409: empty("Use case already exists or setup not approved."),
			...bodyRefusals,
		}),
	});

	const list = createRoute({
		method: "get",
		path: collection,
		operationId: "list-use-cases",
		tags,
		middleware: [authorize("Channel.view")],
		request: { params: schemas.WorkspacePath, query: schemas.UseCaseQuery },
		responses: refusalsAnd({
			200: json(schemas.UseCaseListResponse, "Successful Response"),
		}),
	});

	const remove = createRoute({
		method: "delete",
		path: `${collection}/{use_case_id}`,
		operationId: "delete-use-case",
		tags,
		middleware: [authorize("Channel.delete")],
		request: { params: schemas.UseCasePath },
		responses: refusalsAnd({
			204: empty("Successful Response"),
			404: empty("Use case not found."),
		}),
	});

	return new OpenAPIHono<AppEnv>(inheritHook)
		.openapi(create, async (context) => {
			const { workspace_id } = context.req.valid("param");
			const request = context.req.valid("json");
			const setup = await setups.find(workspace_id, request.setup_id);
			if (setup && !sendsFor(setup.domain, request.sender_email_address)) {
				const msg = `Input should be an address of ${setup.domain}, the setup's domain, or of a domain below it`;
				throw invalid({ loc: ["body", "sender_email_address"], msg, type: "value_error" });
			}
			const made = await useCases.create({
				id: randomUUID(),
				workspace_id,
				setup_id: request.setup_id,
				entity_name: request.entity_name,
				name: request.name,
				description: request.description ?? null,
				sender_email_address: request.sender_email_address,
				email_type: request.email_type,
			});
			if (typeof made === "object") return context.json(toResponse(made), 201);
			switch (made) {
				case "exists":
					throw conflict(
						"use-case-exists",
						`Use case ${request.entity_name}/${request.name} already exists.`,
					);
				case "full":
					throw conflict(
						"use-case-limit",
						`The setup has ${useCases.perSetup} use cases, and may have no more. Delete one that is not needed, or use another setup.`,
					);
				case "deleting":
					throw conflict("setup-being-deleted", "The setup is being deleted.");
				default:
					throw notFound("setup-not-found", "Setup");
			}
		})
		.openapi(list, async (context) => {
			const { workspace_id } = context.req.valid("param");
			const { entity_name, channel, setup_id, continuation_token, limit } = context.req.valid("query");
			const size = limit ?? wholeList;
			const found =
				(channel ?? "email") === "email"
					? await useCases.page(
							workspace_id,
							{ entityName: entity_name, setupId: setup_id },
							{ after: continuation_token, limit: size + 1 },
						)
					: [];
			return context.json(pageOf(found, size, toResponse), 200);
		})
		.openapi(remove, async (context) => {
			const { workspace_id, use_case_id } = context.req.valid("param");
			if (!(await useCases.delete(workspace_id, use_case_id)))
				throw notFound("use-case-not-found", "Use case");
			return context.body(null, 204);
		});
}

function toResponse(useCase: UseCase): UseCaseResponse {
	return {
		id: useCase.id,
		channel: "email",
		entity_name: useCase.entity_name,
		name: useCase.name,
		description: useCase.description,
		setup_id: useCase.setup_id,
		sender_email_address: useCase.sender_email_address,
		email_type: useCase.email_type,
		configuration_set_name: null,
		tier: null,
		created_at: isoTime(useCase.created_at),
		updated_at: isoTime(useCase.updated_at),
	};
}
