namespace OnnxTransfer.FineTuning;

/// <summary>How far a training is.</summary>
/// <param name="Update">The updates so far, or those of the search for the learning rate.</param>
/// <param name="Updates">All updates.</param>
/// <param name="Epoch">The epoch, from 1; 0: the learning rate is searched for.</param>
/// <param name="Epochs">All epochs.</param>
/// <param name="Loss">The mean training loss of the epoch so far.</param>
/// <param name="ImagesPerSecond">How fast the last update was.</param>
/// <param name="Left">The time that is left, if it goes on so.</param>
public sealed record FineTuneProgress(long Update, long Updates, int Epoch, int Epochs, double Loss, double ImagesPerSecond, TimeSpan Left);
