"""Between the network and the handlers: a request as they see it, its body and fields, the form of responses, the
OpenAPI document, and the files of the pages. steps/ has what every request passes."""
