using Affekt.AspNetCore.Problems;

namespace Affekt.AspNetCore.Security;

/// <summary>Asks for a key where an endpoint is not marked <see cref="OpenToAll"/>.</summary>
internal sealed class ApiKeyCheck(RequestDelegate next, ApiKeys keys)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (!keys.AreRequired || context.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<OpenToAll>() is not null)
            return next(context);
        string? key = ApiKeys.In(context.Request);
        if (keys.Allows(key))
            return next(context);
        throw key is null
            ? new ProblemException(ProblemCode.KeyMissing, "Found no key, expected one as Authorization: Bearer KEY or X-Api-Key: KEY.")
            : new ProblemException(ProblemCode.KeyWrong, "Found a key that the server does not know, expected one of its own.");
    }
}

/// <summary>Marks an endpoint that asks for no key, or asks for it in its own way.</summary>
internal sealed class OpenToAll;
