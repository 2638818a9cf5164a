import { MetricUnit, Metrics } from '@aws-lambda-powertools/metrics';

const { AWS_LAMBDA_FUNCTION_NAME: functionName } = process.env;

/** Every metric of the application. Each is one more that CloudWatch bills by the month. */
const UNITS = {
  /**
   * Answers with 5xx, which are a success to Lambda: with its errors, they are what rolls a deployment back
   * (aws-templates/function-alarms.yaml).
   */
  ServerErrors: MetricUnit.Count,
  ResponsesAccepted: MetricUnit.Count,
  ResponsesFlagged: MetricUnit.Count,
  ResponsesCorrected: MetricUnit.Count,
  ResponsesUnchanged: MetricUnit.Count,
  ResponsesQueued: MetricUnit.Count,
  ResponsesRejected: MetricUnit.Count,
  /** Events that the topic will never take. */
  EventsRefused: MetricUnit.Count,
  /** Of the oldest event that the topic was to be told. */
  OutboxAge: MetricUnit.Seconds,
  ExportRows: MetricUnit.Count,
  ExportSeconds: MetricUnit.Seconds,
  ExportFailures: MetricUnit.Count,
} as const;

export type MetricName = keyof typeof UNITS;

/**
 * Counts, as a log line in CloudWatch's embedded metric format. The function is the only dimension: a form or a user
 * would make a metric of each of them. What is zero is left out, and so is everything outside of Lambda.
 */
export function publishMetrics(values: Partial<Record<MetricName, number>>): void {
  const counted = Object.entries(values).filter(([, value]) => value !== 0);
  if (functionName === undefined || counted.length === 0) return;
  const metrics = new Metrics({ namespace: 'Collect', serviceName: functionName });
  for (const [name, value] of counted) if (isMetric(name)) metrics.addMetric(name, UNITS[name], value);
  metrics.publishStoredMetrics();
}

function isMetric(name: string): name is MetricName {
  return Object.hasOwn(UNITS, name);
}
