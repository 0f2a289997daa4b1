using System.Net;
using System.Text;
using Lookup.Functions.Support;

namespace Lookup.Functions.Tests.Http;

/// <summary>A parameter that narrows what is asked for is heeded or refused, and never ignored.</summary>
public sealed class NarrowingParametersTests
{
    private static readonly (string, string)[] ByTenant =
        [("Lookup__PartitionKeyPath", "/tenant"), ("Lookup__AlternateKeys__0", "/email"), ("Lookup__AlternateKeys__1", "/contact/phone")];

    [Theory]
    [InlineData("GET", "/api/users?email=x@example.com&pk=A")]
    [InlineData("GET", "/api/users?pk=A&email=x@example.com")]
    [InlineData("GET", "/api/users?email=x@example.com&PK=A")]
    [InlineData("HEAD", "/api/users?email=x@example.com&pk=")]
    [InlineData("GET", "/api/users?email=x@example.com&%70k=A")]
    [InlineData("GET", "/api/users/u1?pk=A&email=x@example.com")]
    [InlineData("GET", "/api/users/u1?pk=A&Phone=1")]
    [InlineData("GET", "/api/users/u1?Pk=A")]
    [InlineData("POST", "/api/users/lookup?pk=A")]
    [InlineData("POST", "/api/users/lookup?email=x@example.com")]
    [InlineData("DELETE", "/api/cache?pk=A")]
    [InlineData("DELETE", "/api/cache?email=x@example.com")]
    [InlineData("DELETE", "/api/cache/users/u1?pk=A&email=x@example.com")]
    [InlineData("GET", "/api/stats?pk=A")]
    public async Task Parameter_that_would_be_ignored_is_refused_by_name(string method, string target)
    {
        await using var store = await Store.StartAsync("/tenant");
        await using var service = await Service.StartUnarmedAsync(store.ConnectionString, null, ByTenant);
        using var body = new StringContent("""{"ids":[{"id":"u1","pk":"A"}]}""", Encoding.UTF8, "application/json");

        var answer = await service.SendAsync(new HttpMethod(method), target, method == "POST" ? body : null);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        if (method != "HEAD")
        {
            answer.ShouldBeProblem(400, "bad-request");
            Assert.StartsWith("The parameter '", answer.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/api/users?email=x@example.com&version=2")]
    [InlineData("/api/users?phone=1")]
    [InlineData("/api/users/u1?pk=A&trace=1")]
    [InlineData("/api/users/u1?pk=A&code=x")]
    public async Task Other_parameters_are_left_alone(string target)
    {
        await using var store = await Store.StartAsync("/tenant");
        await store.PutAsync("""{"id":"u1","tenant":"A","email":"x@example.com","contact":{"phone":"1"}}""", "A");
        await using var service = await Service.StartUnarmedAsync(store.ConnectionString, null, ByTenant);

        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync(target)).Status);
    }
}
