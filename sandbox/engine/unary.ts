import * as grpc from "@grpc/grpc-js";

/** A gRPC handler of one answer to one request; what it throws becomes the call's error. */
export function unary<Request, Response>(
	answer: (request: Request) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
	return (call, callback) => {
		Promise.resolve(call.request)
			.then(answer)
			.then(
				(response) => callback(null, response),
				(error: unknown) =>
					callback({
						code: grpc.status.UNKNOWN,
						details: error instanceof Error ? error.message : String(error),
					}),
			);
	};
}
