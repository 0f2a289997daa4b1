using System.Globalization;
using System.Net;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Operations;

internal static class FeedResponse
{
    public static Task SendAsync(Exchange exchange, FeedBody body)
    {
        exchange.SetHeader(HeaderNames.ItemCount, body.Count.ToString(CultureInfo.InvariantCulture));
        return exchange.AnswerAsync(HttpStatusCode.OK, body.Finish());
    }
}
