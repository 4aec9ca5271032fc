import { type NotificationData, notifications } from '@mantine/notifications';
import i18next from 'i18next';

/** Shows a short message at the edge of the screen; returns its id for hideToast. */
export function toast(message: NotificationData): string {
  return notifications.show({ withBorder: true, closeButtonProps: { 'aria-label': i18next.t('action.close') }, ...message });
}

export function hideToast(id: string) {
  notifications.hide(id);
}
