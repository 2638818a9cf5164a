/** The columns of the list of responses, and which of them are shown. */
import { useQuery } from '@tanstack/vue-query';
import { computed, ref, watch, type Ref } from 'vue';
import { read } from '../../../shared/api.ts';
import { formatTime } from '../../../shared/format.ts';
import { api, COLUMNS } from '../../session.ts';
import { answerText, isNumeric, isRecord, keyOf, labelOf, type Item } from './definition.ts';
import type { ListedResponse } from './use-responses.ts';

export interface ListColumn {
  id: string;
  label: string;
  isNumber: boolean;
  /** Times, which are harder to read in two lines. */
  isTime?: boolean;
  /** The text of the cell, and of the CSV file if there is no `hint`. */
  text: (row: ListedResponse) => string;
  /** The text that appears on hover, and in the CSV file. */
  hint?: (row: ListedResponse) => string;
}

const answerOf = ({ response }: ListedResponse, key: string): string => {
  const value = response[key];
  return typeof value === 'string' ? value : '';
};

/** The time as a reader sees it, and the device's own on hover. */
const timeColumn = (id: string, label: string, time: (row: ListedResponse) => string): ListColumn => ({
  id,
  label,
  isNumber: false,
  isTime: true,
  text: (row) => (time(row) === '' ? '' : formatTime(time(row))),
  hint: time,
});

const textColumn = (id: string, label: string, text: (row: ListedResponse) => string): ListColumn => ({
  id,
  label,
  isNumber: false,
  text,
});

const OWN: readonly ListColumn[] = [
  textColumn('response_id', 'Response', (row) => row.response_id),
  textColumn('status', 'Status', (row) => row.status),
  textColumn('rules', 'Reasons', ({ flags }) => [...new Set(flags.map(({ rule }) => rule))].join(', ')),
  textColumn('user_id', 'Collector', (row) => row.user_id),
  textColumn('location', 'Place', (row) => answerOf(row, 'location')),
  timeColumn('received_at', 'Received', (row) => row.received_at ?? row.saved_at),
  timeColumn('submitted_time', 'Submitted', (row) => answerOf(row, 'submitted_time')),
  textColumn('revision', 'Revision', (row) => String(row.revision)),
];

const SHOWN_AT_FIRST = ['response_id', 'status', 'rules', 'user_id', 'location', 'received_at'];
const QUESTIONS_AT_FIRST = 2;

/** The columns of a form: what every response has, then its questions. Entries of a repeat are counted. */
export function columnsOf(items: readonly Item[]): ListColumn[] {
  return [...OWN, ...questionColumns(items, [], [])];
}

function questionColumns(items: readonly Item[], keys: readonly string[], around: readonly string[]): ListColumn[] {
  return items.flatMap((item): ListColumn[] => {
    const path = [...keys, keyOf(item)];
    const labels = [...around, labelOf(item)];
    if (item.type === 'note') return [];
    if (item.type === 'group') return questionColumns(item.questions ?? [], path, labels);
    const valueIn = (answers: unknown): unknown =>
      path.reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), answers);
    return [
      {
        id: `/${path.join('/')}`,
        label: labels.join(' › '),
        isNumber: isNumeric(item) || item.type === 'repeat',
        text: ({ response }) => answerText(item, valueIn(response)),
      },
    ];
  });
}

/** The newest version of a form. */
export const useForm = (formId: Ref<string | undefined>) =>
  useQuery({
    queryKey: ['form', formId],
    enabled: computed(() => formId.value !== undefined),
    queryFn: () => read(api.GET('/forms/{form_id}', { params: { path: { form_id: formId.value ?? '' } } })),
  });

/** The chosen columns, kept per form in this browser until the person signs out. */
export function useColumns(formId: Ref<string | undefined>) {
  const { data: form } = useForm(formId);
  const columns = computed(() => columnsOf(form.value?.questions ?? []));
  const chosen = ref<string[]>();
  const storageKey = computed(() => `${COLUMNS}${formId.value ?? ''}`);
  watch(
    storageKey,
    (name) => {
      chosen.value = localStorage.getItem(name)?.split('\n');
    },
    { immediate: true },
  );
  const atFirst = computed(() => {
    const questions = columns.value.filter(({ id }) => id.startsWith('/')).slice(0, QUESTIONS_AT_FIRST);
    return [...SHOWN_AT_FIRST, ...questions.map(({ id }) => id)];
  });
  const shown = computed(() => new Set(chosen.value ?? atFirst.value));
  const choose = (ids: readonly string[]): void => {
    chosen.value = [...ids];
    localStorage.setItem(storageKey.value, ids.join('\n'));
  };
  return { form, columns, shown, choose };
}
