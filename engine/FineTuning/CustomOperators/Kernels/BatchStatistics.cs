namespace OnnxTransfer.FineTuning;

/// <summary>The mean and the variance, divided by the number of values, of each channel. Input: x [N, C, ...].</summary>
internal static unsafe class BatchStatistics
{
    /// <summary>The operator.</summary>
    public static CustomOperator Operator { get; } = new("BatchStatistics", 1, 0, 2, static _ => static call =>
    {
        var x = call.Input(0);
        var (images, channels) = (x[0], x[1]);
        var plane = (int)(x.Count / Math.Max(images * channels, 1));
        var (mean, variance) = (call.Output(0, channels), call.Output(1, channels));
        call.Parallel(channels, channel =>
        {
            // Each plane by its own mean, while it is in the cache, and planes by Chan, Golub and LeVeque (1979).
            double centre = 0, squares = 0;
            for (var image = 0; image < images; image++)
            {
                var start = x.Data + ((((long)image * channels) + channel) * plane);
                var own = ChannelSums.Sum(start, plane) / plane;
                var difference = own - centre;
                squares += ChannelSums.Squares(start, (float)own, plane) - (plane * (own - (float)own) * (own - (float)own)) + (difference * difference * plane * image / (image + 1));
                centre += difference / (image + 1);
            }

            (mean.Data[channel], variance.Data[channel]) = ((float)centre, (float)(squares / ((double)images * plane)));
        });
    });
}
