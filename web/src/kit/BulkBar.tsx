import '../i18n/kit';

import { Alert, Button, Group, Progress, Text } from '@mantine/core';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useErrorText } from '../ui/errors';
import { useActions } from './actions';
import { type BulkReport, runBulk } from './bulk';
import css from './kit.module.css';

export interface BulkAction<T> {
  id: string;
  name: string;
  key?: string;
  icon?: React.ReactNode;
  /** The one most people come for is filled; what takes something away is red. */
  look?: 'main' | 'danger';
  /** Changes one item; the bar runs it for each and reports what failed. */
  run?: (item: T) => Promise<unknown>;
  /** Takes all items at once instead: it opens a dialog or calls a bulk operation. */
  all?: (items: T[]) => void;
  /** For what the action makes sense; others of the selection are left alone. */
  fits?: (item: T) => boolean;
}

interface Props<T> {
  selected: T[];
  /** What the keys work on where nothing is selected: the row in hand. */
  current: T | undefined;
  actions: readonly BulkAction<T>[];
  name: (item: T) => string;
  onClear: () => void;
  /** After a run: the list is read again. */
  onDone?: (() => void) | undefined;
}

interface Running {
  finished: number;
  total: number;
}

/** What can be done with the selected rows; shows how far it is and what failed. */
export function BulkBar<T>({ selected, current, actions, name, onClear, onDone }: Props<T>) {
  const { t } = useTranslation(['translation', 'kit']);
  const errorText = useErrorText();
  const [running, setRunning] = useState<Running>();
  const [report, setReport] = useState<BulkReport<T> & { action: BulkAction<T> }>();
  const stop = useRef<AbortController>(undefined);

  const start = async (action: BulkAction<T>, items: T[]) => {
    const fitting = action.fits ? items.filter(action.fits) : items;
    if (fitting.length === 0) return;
    setReport(undefined);
    if (action.all) {
      action.all(fitting);
      return;
    }
    const { run } = action;
    if (!run) return;
    stop.current = new AbortController();
    setRunning({ finished: 0, total: fitting.length });
    const result = await runBulk(fitting, {
      run,
      signal: stop.current.signal,
      onProgress: (finished) => {
        setRunning({ finished, total: fitting.length });
      },
    });
    setRunning(undefined);
    const whole = result.failed.length === 0 && result.left.length === 0;
    // One done without trouble needs no report: the list shows it.
    setReport(whole && fitting.length === 1 ? undefined : { ...result, action });
    if (whole) onClear();
    onDone?.();
  };

  const targets = selected.length > 0 ? selected : current === undefined ? [] : [current];
  useActions(
    actions.map((action) => ({
      id: `bulk ${action.id}`,
      name: action.name,
      key: action.key,
      off: running !== undefined || targets.length === 0 || (action.fits !== undefined && !targets.some(action.fits)),
      run: () => void start(action, targets),
    })),
  );

  const rest = report ? [...report.failed.map((f) => f.item), ...report.left] : [];
  return (
    <div className={css.bulkSlot} role="region" aria-live="polite" aria-label={t('kit:list.selected', { count: selected.length })}>
      {running && (
        <Group gap="sm" className={css.bulk}>
          <Text size="sm" className="la-num">
            {t('kit:bulk.running', { done: running.finished, total: running.total })}
          </Text>
          <Progress
            value={(100 * running.finished) / running.total}
            aria-label={t('kit:bulk.running', { done: running.finished, total: running.total })}
            style={{ flex: 1, minWidth: 120 }}
          />
          <Button size="compact-sm" variant="default" onClick={() => stop.current?.abort()}>
            {t('kit:bulk.stop')}
          </Button>
        </Group>
      )}
      {!running && selected.length > 0 && (
        <Group gap="xs" className={css.bulk}>
          <b className="la-num">{t('kit:list.selected', { count: selected.length })}</b>
          {actions.map((action) => (
            <Button
              key={action.id}
              size="compact-sm"
              variant={action.look === 'main' ? 'filled' : 'default'}
              color={action.look === 'danger' ? 'red' : undefined}
              c={action.look === 'danger' ? 'var(--la-critical)' : undefined}
              leftSection={action.icon}
              disabled={action.fits !== undefined && !selected.some(action.fits)}
              onClick={() => void start(action, selected)}
              data-tip={action.key && `${action.name} (${action.key})`}
            >
              {action.name}
            </Button>
          ))}
          <Button size="compact-sm" variant="subtle" color="gray" onClick={onClear}>
            {t('kit:list.unselect')}
          </Button>
        </Group>
      )}
      {report && (
        <Alert
          m="xs"
          color={report.failed.length > 0 ? 'red' : 'gray'}
          variant="light"
          withCloseButton
          closeButtonLabel={t('kit:bulk.dismiss')}
          onClose={() => {
            setReport(undefined);
          }}
          title={
            report.failed.length > 0
              ? t('kit:bulk.some', { done: report.done.length, failed: report.failed.length })
              : report.left.length > 0
                ? t('kit:bulk.stopped', { done: report.done.length, left: report.left.length })
                : t('kit:bulk.done', { count: report.done.length })
          }
          styles={{ title: { color: 'var(--mantine-color-text)' } }}
        >
          {report.failed.length > 0 && (
            <ul className={css.failures}>
              {report.failed.map(({ item, error }, i) => {
                const words = errorText(error);
                return (
                  <li key={i}>
                    <b>{name(item)}</b>
                    {': '}
                    {words.title}. {words.remedy}
                  </li>
                );
              })}
            </ul>
          )}
          {rest.length > 0 && (
            <Button size="compact-sm" variant="default" mt={6} onClick={() => void start(report.action, rest)}>
              {t('kit:bulk.again')}
            </Button>
          )}
        </Alert>
      )}
    </div>
  );
}
