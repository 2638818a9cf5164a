import { MetricUnit, Metrics } from '@aws-lambda-powertools/metrics';

const { AWS_LAMBDA_FUNCTION_NAME: functionName } = process.env;

/**
 * Counts an answer with 5xx, which is a success to Lambda: with its errors, it is what rolls a deployment back
 * (aws-templates/function-alarms.yaml). The count goes out as a log line in CloudWatch's embedded metric format.
 */
export function countServerError(): void {
  if (functionName === undefined) return;
  const metrics = new Metrics({ namespace: 'Collect', serviceName: functionName });
  metrics.addMetric('ServerErrors', MetricUnit.Count, 1);
  metrics.publishStoredMetrics();
}
