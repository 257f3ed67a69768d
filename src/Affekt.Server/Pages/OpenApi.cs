using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Affekt.AspNetCore;
using Affekt.AspNetCore.Problems;
using Affekt.AspNetCore.Security;
using Microsoft.OpenApi;

namespace Affekt.Server.Pages;

/// <summary>GET /openapi/v1.json: the interface for programs that read it, with an example of each answer.</summary>
internal static class OpenApi
{
    private static readonly JsonObject _examples = ReadExamples();

    public static void AddDescription(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Affekt",
                Version = "v1",
                Description = "Recognizes the emotion that people express, from what is heard, said and seen. The live WebSocket, /v1/live, is "
                    + "described in docs/api.md.",
            };

            // Relative to wherever the page came from.
            document.Servers = [new OpenApiServer { Url = "/" }];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                ["key"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "Where /v1/limits says that a key is required." },
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (!context.Description.ActionDescriptor.EndpointMetadata.OfType<OpenToAll>().Any())
                operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("key", context.Document)] = [] }];
            AddExamples(operation, context.Description.RelativePath ?? "");
            return Task.CompletedTask;
        });
    });

    public static void MapDescription(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapOpenApi("/openapi/{documentName}.json").WithMetadata(new OpenToAll());

    private static void AddExamples(OpenApiOperation operation, string path)
    {
        foreach ((string status, IOpenApiResponse response) in operation.Responses ?? [])
        {
            foreach ((string type, OpenApiMediaType content) in response.Content ?? new Dictionary<string, OpenApiMediaType>())
            {
                content.Example = type == Problem.MediaType
                    ? Problems(int.Parse(status, System.Globalization.CultureInfo.InvariantCulture))
                    : _examples[$"{path} {status}"]?.DeepClone();
            }
        }
    }

    private static JsonNode? Problems(int status)
    {
        ProblemCode? code = typeof(ProblemCode).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => field.GetValue(null)).OfType<ProblemCode>().FirstOrDefault(code => code.Status == status);
        return code is null
            ? null
            : JsonSerializer.SerializeToNode(Problem.Of(code, "What was found, what was expected, and where."), ServerJson.Options);
    }

    private static JsonObject ReadExamples()
    {
        using Stream stream = typeof(OpenApi).Assembly.GetManifestResourceStream("examples.json")!;
        return JsonNode.Parse(stream)!.AsObject();
    }
}
