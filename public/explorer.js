// Starts the explorer of the API. It must not ask a validator on the internet.
SwaggerUIBundle({ url: "/openapi.json", dom_id: "#explorer", deepLinking: true, validatorUrl: null });
