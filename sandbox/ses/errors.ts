import { ServiceError } from "../errors.js";

/* The errors that SESv2 declares (API reference), with their statuses. */

export function badRequest(message: string): ServiceError {
	return new ServiceError(400, "BadRequestException", message);
}

export function alreadyExists(message: string): ServiceError {
	return new ServiceError(400, "AlreadyExistsException", message);
}

export function notFound(message: string): ServiceError {
	return new ServiceError(404, "NotFoundException", message);
}

export function limitExceeded(what: string, limit: number): ServiceError {
	return new ServiceError(400, "LimitExceededException", `You have reached the limit of ${limit} ${what}.`);
}
