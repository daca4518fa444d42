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
        Pieces.OfChannels(call, images, channels, plane, (first, end) =>
        {
            // Each plane by its own mean, while it is in the cache, and planes by Chan, Golub and LeVeque (1979).
            double* centres = stackalloc double[Pieces.MostChannels], squares = stackalloc double[Pieces.MostChannels];
            for (var image = 0; image < images; image++)
            {
                for (var channel = first; channel < end; channel++)
                {
                    var i = channel - first;
                    var start = x.Data + ((((long)image * channels) + channel) * plane);
                    var own = ChannelSums.Sum(start, plane) / plane;
                    var difference = own - centres[i];
                    squares[i] += ChannelSums.Squares(start, (float)own, plane) - (plane * (own - (float)own) * (own - (float)own)) + (difference * difference * plane * image / (image + 1));
                    centres[i] += difference / (image + 1);
                }
            }

            for (var channel = first; channel < end; channel++)
            {
                (mean.Data[channel], variance.Data[channel]) = ((float)centres[channel - first], (float)(squares[channel - first] / ((double)images * plane)));
            }
        });
    });
}
