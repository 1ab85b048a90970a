/** How a lake fares, for `/health` and `/metrics`; counted since the start. */
export interface LakeStatus {
  readonly state: 'idle' | 'uploading' | 'failing';
  readonly uploaded_files: number;
  readonly uploaded_bytes: number;
  readonly waiting_files: number;
  readonly waiting_bytes: number;
  readonly failed_attempts: number;
  /** Removed before they were uploaded, for want of room. */
  readonly lost_files: number;
  /** When, ISO 8601; absent before the first. */
  readonly last_upload?: string;
  /** Why it fails, while it does. */
  readonly message?: string;
}
