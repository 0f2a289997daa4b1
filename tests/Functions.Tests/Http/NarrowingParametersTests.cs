using System.Net;
using System.Text;
using Lookup.Functions.Support;
using Lookup.Support;

namespace Lookup.Functions.Tests.Http;

/// <summary>A parameter that narrows a request is applied or rejected, and never ignored.</summary>
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
    [InlineData("GET", "/api/openapi.json?pk=A")]
    [InlineData("DELETE", "/api/cache?id=u1")]
    [InlineData("DELETE", "/api/cache?user=u1")]
    [InlineData("DELETE", "/api/cache?pk%20=A")]
    [InlineData("DELETE", "/api/cache?pk[]=A")]
    [InlineData("DELETE", "/api/cache?partitionKey=A")]
    [InlineData("DELETE", "/api/cache?u1")]
    [InlineData("DELETE", "/api/cache?=u1")]
    [InlineData("DELETE", "/api/cache/users/u1?pk=A&id=u2")]
    [InlineData("DELETE", "/api/cache/users/u1?pk=A&pk%20=B")]
    [InlineData("POST", "/api/users/lookup?partitionKey=A")]
    [InlineData("POST", "/api/users/lookup?ids=u1")]
    [InlineData("GET", "/api/users?email=x@example.com&partitionKey=A")]
    [InlineData("GET", "/api/users?email=x@example.com&limit=1")]
    [InlineData("GET", "/api/users/u1?pk=A&partitionKey=B")]
    [InlineData("GET", "/api/users/u1?pk=A&version=2")]
    [InlineData("GET", "/api/users/u1?pk=A&CODE=x")]
    public async Task Parameter_that_would_be_ignored_is_rejected_by_name(string method, string target)
    {
        await using var store = await Store.StartAsync("/tenant");
        await using var service = await Service.StartUnarmedAsync(store.ConnectionString, null, ByTenant);
        using var body = new StringContent("""{"ids":[{"id":"u1","pk":"A"}]}""", Encoding.UTF8, "application/json");

        var response = await service.SendAsync(new HttpMethod(method), target, method == "POST" ? body : null);

        Assert.Equal(HttpStatusCode.BadRequest, response.Status);
        if (method != "HEAD")
        {
            response.ShouldBeProblem(400, "bad-request");
            Assert.StartsWith("The parameter '", response.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Unknown_parameter_is_rejected_with_a_list_of_the_known_ones()
    {
        await using var store = await Store.StartAsync("/tenant");
        await using var service = await Service.StartUnarmedAsync(store.ConnectionString, null, ByTenant);

        Assert.Equal("The parameter 'user' is not known here; known are: code.", await DetailAsync(HttpMethod.Delete, "/api/cache?user=u1"));
        Assert.Equal("The parameter 'x' is not known here; known are: pk, code.", await DetailAsync(HttpMethod.Get, "/api/users/u1?pk=A&x=1"));
        Assert.Equal("The parameter 'x' is not known here; known are: email, phone, code.", await DetailAsync(HttpMethod.Get, "/api/users?email=a&x=1"));

        async Task<string?> DetailAsync(HttpMethod method, string target) => (await service.SendAsync(method, target, null)).Json.GetProperty("detail").GetString();
    }

    [Theory]
    [InlineData("DELETE", "/api/cache?pk=A&x=%zz")]
    [InlineData("DELETE", "/api/cache?%")]
    [InlineData("DELETE", "/api/cache/users/u1?pk=A&x=%zz")]
    [InlineData("POST", "/api/users/lookup?pk=A&x=%zz")]
    [InlineData("POST", "/api/users/lookup?code=%FF")]
    [InlineData("GET", "/api/users?email=x&%C0%AF=1")]
    [InlineData("GET", "/api/users/u1?pk=A&x=%zz")]
    [InlineData("GET", "/api/stats?pk=A&%zz")]
    [InlineData("GET", "/api/dashboard?%zz")]
    [InlineData("GET", "/api/openapi.json?x=%zz")]
    [InlineData("GET", "/api/health/live?x=%zz")]
    [InlineData("GET", "/api/health/ready?x=%zz")]
    [InlineData("GET", "/api/docs/?x=%zz")]
    [InlineData("GET", "/?x=%zz")]
    public async Task Malformed_query_is_rejected_on_every_route(string method, string target)
    {
        await using var store = await Store.StartAsync("/tenant");
        await using var service = await Service.StartUnarmedAsync(store.ConnectionString, null, ByTenant);
        const string Body = """{"ids":[{"id":"u1","pk":"A"}]}""";

        var response = await RawHttp.ExchangeAsync(
            service.Address,
            Encoding.ASCII.GetBytes(
                $"{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
                + (method == "POST" ? $"Content-Length: {Body.Length}\r\n\r\n{Body}" : "\r\n")));

        Assert.StartsWith("HTTP/1.1 400 ", Encoding.ASCII.GetString(response));
        Assert.Contains("urn:lookup:problem:bad-request", Encoding.ASCII.GetString(response));
    }

    [Theory]
    [InlineData("/api/users?phone=1")]
    [InlineData("/api/users?email=x@example.com&code=x")]
    [InlineData("/api/users/u1?pk=A&code=x")]
    [InlineData("/api/stats?_=1")]
    [InlineData("/api/dashboard?code=x&theme=dark")]
    [InlineData("/api/docs/?code=x")]
    [InlineData("/api/health/live?from=balancer")]
    public async Task Parameters_that_narrow_nothing_are_accepted(string target)
    {
        await using var store = await Store.StartAsync("/tenant");
        await store.PutAsync("""{"id":"u1","tenant":"A","email":"x@example.com","contact":{"phone":"1"}}""", "A");
        await using var service = await Service.StartUnarmedAsync(store.ConnectionString, null, ByTenant);

        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync(target)).Status);
    }
}
