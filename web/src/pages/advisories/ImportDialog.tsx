import { Button, Group, Loader, Progress, Text, VisuallyHidden } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { advisoriesChanged, type AdvisoryImport, importAdvisory } from '../../api/advisoryQueries';
import { Badge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { ErrorState } from '../../ui/State';
import css from './advisories.module.css';

interface Item {
  id: number;
  file: File;
  running?: boolean;
  done?: AdvisoryImport;
  error?: unknown;
}

const tone = { new: 'ok', changed: 'ok', unchanged: 'informational', older: 'low' } as const;

/** Files one after the other, each with what it brought or what is wrong in it. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('advisories');
  const client = useQueryClient();
  const picker = useRef<HTMLInputElement>(null);
  const counter = useRef(0);
  const [items, setItems] = useState<Item[]>([]);
  const [busy, setBusy] = useState(false);
  const [over, setOver] = useState(false);

  const take = async (files: File[]) => {
    if (files.length === 0 || busy) return;
    const fresh = files.map((file): Item => ({ id: counter.current++, file }));
    setItems((old) => [...old, ...fresh]);
    setBusy(true);
    const set = (id: number, next: Partial<Item>) => {
      setItems((old) => old.map((item) => (item.id === id ? { ...item, ...next } : item)));
    };
    for (const { id, file } of fresh) {
      set(id, { running: true });
      try {
        set(id, { running: false, done: await importAdvisory(file) });
      } catch (error) {
        set(id, { running: false, error });
      }
    }
    setBusy(false);
    await advisoriesChanged(client);
  };
  const finished = items.filter((item) => item.done ?? item.error).length;
  return (
    <Dialog opened onClose={onClose} size="lg" title={t('im.title')}>
      <Text size="sm" mb="sm">
        {t('im.text')}
      </Text>
      <div
        className={css.drop}
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => {
          setOver(false);
        }}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          void take([...event.dataTransfer.files]);
        }}
      >
        <IconFileImport size={28} aria-hidden="true" />
        <Group justify="center" gap="xs" mt={4}>
          <Text size="sm">{t('im.drop')}</Text>
          <Button size="xs" data-autofocus disabled={busy} onClick={() => picker.current?.click()}>
            {t('im.choose')}
          </Button>
        </Group>
        <Text size="xs" className="la-dim" mt={6}>
          {t('im.limit')}
        </Text>
        <VisuallyHidden>
          <input
            ref={picker}
            type="file"
            multiple
            accept=".json,.csv,.gz"
            tabIndex={-1}
            aria-label={t('im.choose')}
            onChange={(event) => {
              void take([...(event.currentTarget.files ?? [])]);
              event.currentTarget.value = '';
            }}
          />
        </VisuallyHidden>
      </div>
      {items.length > 0 && (
        <>
          <Text size="sm" mt="sm" aria-live="polite">
            {t('im.progress', { done: finished, all: items.length })}
          </Text>
          <Progress value={(100 * finished) / items.length} size="sm" aria-label={t('im.progress', { done: finished, all: items.length })} />
          <ul className={css.files}>
            {items.map((item) => (
              <li key={item.id}>
                <Outcome item={item} />
              </li>
            ))}
          </ul>
        </>
      )}
      <Group justify="flex-end" mt="md">
        <Button variant="default" disabled={busy} onClick={onClose}>
          {t('im.close')}
        </Button>
      </Group>
    </Dialog>
  );
}

function Outcome({ item: { file, running, done, error } }: { item: Item }) {
  const { t } = useTranslation('advisories');
  return (
    <>
      <Group gap="xs">
        <Text size="sm" fw={600}>
          {file.name}
        </Text>
        {running && <Loader size="xs" aria-label={t('im.running')} />}
        {!running && !done && !error && <span className="la-dim">{t('im.waiting')}</span>}
        {done && <Badge tone={tone[done.what]}>{t(`im.what.${done.what}`)}</Badge>}
      </Group>
      {done && (
        <Text size="sm">
          {done.title} {done.number && <span className="la-mono">{done.number}</span>} · {t('im.entries', { count: done.entries })}
          {done.new + done.changed > 0 && ` · ${t('im.counts', { added: done.new, changed: done.changed })}`}
          {done.units > 0 && <strong> · {t('im.units', { count: done.units })}</strong>}
        </Text>
      )}
      {done && done.problems.length > 0 && (
        <details>
          <summary>{t('problems')}</summary>
          <ul>
            {done.problems.map((p) => (
              <li key={p} className="la-mono">
                {p}
              </li>
            ))}
          </ul>
        </details>
      )}
      {error !== undefined && <ErrorState error={error} />}
    </>
  );
}
